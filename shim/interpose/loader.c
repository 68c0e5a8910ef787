/* dlopen(), dlsym() and dlclose() as interposed. The entry points are
 * assembler: a compiler's tail call is an accident of its options (checklist
 * E4). They are entered before any constructor ran, see real.c. */
#define _GNU_SOURCE
#include "interpose/loader.h"

#include "host/config.h"
#include "host/libc.h"
#include "interpose/exports.h"
#include "libcurl/real.h"

#include <dlfcn.h>
#include <stdint.h>

/* Where an older glibc's libdl.so.2 is absent, and can't be loaded. */
PLAIN static void *open_none(const char *file, int mode) {
  (void)file, (void)mode;
  return NULL;
}

__attribute__((used)) PLAIN struct next_jump loader_next_open(const char *file,
                                                              int mode) {
  struct next_jump next = {real_dlopen_address(), (unsigned)mode};

  if (!next.function)
    next.function = (void *)(uintptr_t)open_none;
#ifdef RTLD_DEEPBIND
  if ((mode & RTLD_DEEPBIND) && config_strips_deepbind(file))
    next.value = (unsigned)(mode & ~RTLD_DEEPBIND);
#endif
  (void)file;
  return next;
}

__attribute__((used)) PLAIN struct next_jump
loader_next_find(void *object, const char *name, const void *caller) {
  struct next_jump next = {real_dlsym_address(), 0};

  if (name && name[0] == 'c' && name[1] == 'u' && name[2] == 'r' &&
      name[3] == 'l' && name[4] == '_' &&
      exports_answer(object, name, caller, &next.value))
    next.function = NULL;
  return next;
}

int dlclose(void *object);

/* What is at an address may be another object now; while it closes, too. */
__attribute__((visibility("default"))) PLAIN int dlclose(void *object) {
  int result;

  real_note_close();
  result = real_close(object);
  real_note_close();
  return result;
}

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl dlopen\n"
        ".type dlopen, @function\n"
        "dlopen:\n"
        "  endbr64\n"
        "  pushq %rdi\n"
        "  pushq %rsi\n"
        "  subq $8, %rsp\n"
        "  call loader_next_open\n"
        "  addq $8, %rsp\n"
        "  popq %rsi\n"
        "  popq %rdi\n"
        "  movl %edx, %esi\n"
        "  jmp *%rax\n"
        ".size dlopen, .-dlopen\n"
        ".globl dlsym\n"
        ".type dlsym, @function\n"
        "dlsym:\n"
        "  endbr64\n"
        "  pushq %rdi\n"
        "  pushq %rsi\n"
        "  movq 16(%rsp), %rdx\n"
        "  subq $8, %rsp\n"
        "  call loader_next_find\n"
        "  addq $8, %rsp\n"
        "  popq %rsi\n"
        "  popq %rdi\n"
        "  testq %rax, %rax\n"
        "  jz 1f\n"
        "  jmp *%rax\n"
        "1: movq %rdx, %rax\n"
        "  ret\n"
        ".size dlsym, .-dlsym\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl dlopen\n"
        ".type dlopen, %function\n"
        "dlopen:\n"
        "  stp x29, x30, [sp, #-32]!\n"
        "  stp x0, x1, [sp, #16]\n"
        "  bl loader_next_open\n"
        "  mov x16, x0\n"
        "  mov x17, x1\n"
        "  ldp x0, x1, [sp, #16]\n"
        "  ldp x29, x30, [sp], #32\n"
        "  mov w1, w17\n"
        "  br x16\n"
        ".size dlopen, .-dlopen\n"
        ".globl dlsym\n"
        ".type dlsym, %function\n"
        "dlsym:\n"
        "  stp x29, x30, [sp, #-32]!\n"
        "  stp x0, x1, [sp, #16]\n"
        "  mov x2, x30\n"
        "  bl loader_next_find\n"
        "  mov x16, x0\n"
        "  mov x17, x1\n"
        "  ldp x0, x1, [sp, #16]\n"
        "  ldp x29, x30, [sp], #32\n"
        "  cbz x16, 1f\n"
        "  br x16\n"
        "1: mov x0, x17\n"
        "  ret\n"
        ".size dlsym, .-dlsym\n");
#elif defined(__riscv) && __riscv_xlen == 64
__asm__(".text\n"
        ".globl dlopen\n"
        ".type dlopen, @function\n"
        "dlopen:\n"
        "  addi sp, sp, -16\n"
        "  sd a0, 0(sp)\n"
        "  sd ra, 8(sp)\n"
        "  call loader_next_open\n"
        "  mv t1, a0\n"
        "  sext.w a1, a1\n"
        "  ld a0, 0(sp)\n"
        "  ld ra, 8(sp)\n"
        "  addi sp, sp, 16\n"
        "  jr t1\n"
        ".size dlopen, .-dlopen\n"
        ".globl dlsym\n"
        ".type dlsym, @function\n"
        "dlsym:\n"
        "  addi sp, sp, -32\n"
        "  sd a0, 0(sp)\n"
        "  sd a1, 8(sp)\n"
        "  sd ra, 16(sp)\n"
        "  mv a2, ra\n"
        "  call loader_next_find\n"
        "  mv t1, a0\n"
        "  mv t2, a1\n"
        "  ld a0, 0(sp)\n"
        "  ld a1, 8(sp)\n"
        "  ld ra, 16(sp)\n"
        "  addi sp, sp, 32\n"
        "  beqz t1, 1f\n"
        "  jr t1\n"
        "1: mv a0, t2\n"
        "  ret\n"
        ".size dlsym, .-dlsym\n");
#else
#error "write dlopen and dlsym for this architecture: true tail calls"
#endif
