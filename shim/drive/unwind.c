/* The frame of unwind_watch() has a personality routine, as those of C++
 * functions have: the unwinder calls it on its way up. It catches nothing and
 * wants no landing pad, so no library is needed for it; the unwinder is
 * there when it is called. Assembler, so that the mark lies where the routine
 * looks for it: on top of the frame. */
#define _GNU_SOURCE
#include "drive/unwind.h"

#include "libcurl/objects.h"
#include "libcurl/real.h"

#include <stdbool.h>
#include <string.h>
#include <unwind.h>

typedef _Unwind_Word (*frame_function)(struct _Unwind_Context *);

/* The unwinder's own function: a context of one is not for another. */
static frame_function frame_function_of(const void *unwinder) {
  void *object = objects_open(unwinder);
  void *found = object ? real_find(object, "_Unwind_GetCFA") : NULL;
  frame_function function = NULL;
  struct extent extent;

  if (found && objects_extent(unwinder, &extent) &&
      extent_holds(&extent, found))
    memcpy(&function, &found, sizeof(function));
  if (object)
    (void)real_close(object);
  return function;
}

_Unwind_Reason_Code unwind_passes(int version, _Unwind_Action actions,
                                  _Unwind_Exception_Class kind,
                                  struct _Unwind_Exception *exception,
                                  struct _Unwind_Context *context);

__attribute__((used)) _Unwind_Reason_Code unwind_passes(
    int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
    struct _Unwind_Exception *exception, struct _Unwind_Context *context) {
  frame_function function = NULL;
  struct mark **top;

  (void)version, (void)kind, (void)exception;
  if (actions & _UA_CLEANUP_PHASE) /* not while a handler is looked for */
    function = frame_function_of(__builtin_return_address(0));
  if (function) {
    top = (struct mark **)function(context);
    (*top)->frame = NULL;
  }
  return _URC_CONTINUE_UNWIND;
}

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl unwind_watch\n"
        ".hidden unwind_watch\n"
        ".type unwind_watch, @function\n"
        "unwind_watch:\n"
        "  .cfi_startproc\n"
        "  .cfi_personality 0x1b, unwind_passes\n"
        "  endbr64\n"
        "  movq %rdi, %rax\n"
        "  movq %rsi, %rdi\n"
        "  pushq %rdx\n"
        "  .cfi_adjust_cfa_offset 8\n"
        "  call *%rax\n"
        "  addq $8, %rsp\n"
        "  .cfi_adjust_cfa_offset -8\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size unwind_watch, .-unwind_watch\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl unwind_watch\n"
        ".hidden unwind_watch\n"
        ".type unwind_watch, %function\n"
        "unwind_watch:\n"
        "  .cfi_startproc\n"
        "  .cfi_personality 0x1b, unwind_passes\n"
        "  stp x2, x29, [sp, #-32]!\n"
        "  .cfi_def_cfa_offset 32\n"
        "  .cfi_offset 29, -24\n"
        "  str x30, [sp, #16]\n"
        "  .cfi_offset 30, -16\n"
        "  mov x9, x0\n"
        "  mov x0, x1\n"
        "  blr x9\n"
        "  ldr x30, [sp, #16]\n"
        "  ldp x2, x29, [sp], #32\n"
        "  .cfi_def_cfa_offset 0\n"
        "  .cfi_restore 30\n"
        "  .cfi_restore 29\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size unwind_watch, .-unwind_watch\n");
#elif defined(__riscv) && __riscv_xlen == 64
__asm__(".text\n"
        ".globl unwind_watch\n"
        ".hidden unwind_watch\n"
        ".type unwind_watch, @function\n"
        "unwind_watch:\n"
        "  .cfi_startproc\n"
        "  .cfi_personality 0x1b, unwind_passes\n"
        "  addi sp, sp, -16\n"
        "  .cfi_def_cfa_offset 16\n"
        "  sd a2, 0(sp)\n"
        "  sd ra, 8(sp)\n"
        "  .cfi_offset ra, -8\n"
        "  mv t1, a0\n"
        "  mv a0, a1\n"
        "  jalr t1\n"
        "  ld ra, 8(sp)\n"
        "  .cfi_restore ra\n"
        "  addi sp, sp, 16\n"
        "  .cfi_def_cfa_offset 0\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size unwind_watch, .-unwind_watch\n");
#else
#error "write unwind_watch for this architecture"
#endif
