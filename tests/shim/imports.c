/* elf(5): the relocations that name a symbol fill the slots that calls go
 * through; they may be read-only by now. */
#define _GNU_SOURCE
#include "imports.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct search {
  const char *library, *name;
  void *function;
  bool is_found;
};

struct tables {
  const ElfW(Sym) * symbols;
  const char *strings;
  const ElfW(Rela) * relocations[2];
  size_t sizes[2]; /* bytes */
};

/* musl leaves the addresses as they are in the file. */
static uintptr_t absolute(uintptr_t base, uintptr_t at) {
  return at < base ? base + at : at;
}

static void read_dynamic(uintptr_t base, const ElfW(Dyn) * entry,
                         struct tables *tables) {
  for (; entry->d_tag != DT_NULL; entry++) {
    uintptr_t at = absolute(base, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB)
      tables->symbols = (const ElfW(Sym) *)at;
    else if (entry->d_tag == DT_STRTAB)
      tables->strings = (const char *)at;
    else if (entry->d_tag == DT_RELA)
      tables->relocations[0] = (const ElfW(Rela) *)at;
    else if (entry->d_tag == DT_RELASZ)
      tables->sizes[0] = entry->d_un.d_val;
    else if (entry->d_tag == DT_JMPREL)
      tables->relocations[1] = (const ElfW(Rela) *)at;
    else if (entry->d_tag == DT_PLTRELSZ)
      tables->sizes[1] = entry->d_un.d_val;
  }
}

static void write_slot(uintptr_t slot, void *function) {
  uintptr_t page = slot & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);

  if (!mprotect((void *)page, slot - page + sizeof function,
                PROT_READ | PROT_WRITE))
    memcpy((void *)slot, &function, sizeof function);
}

static void look_through(uintptr_t base, const struct tables *tables,
                         struct search *search) {
  for (int i = 0; i < 2; i++) {
    const ElfW(Rela) *entry = tables->relocations[i];
    const ElfW(Rela) *end = entry + tables->sizes[i] / sizeof *entry;
    for (; entry < end; entry++) {
      const ElfW(Sym) *symbol = &tables->symbols[ELF64_R_SYM(entry->r_info)];
      if (!ELF64_R_SYM(entry->r_info) ||
          strcmp(tables->strings + symbol->st_name, search->name) != 0)
        continue;
      write_slot(base + entry->r_offset, search->function);
      search->is_found = true;
    }
  }
}

static int look_in(struct dl_phdr_info *info, size_t size, void *data) {
  struct search *search = data;
  struct tables tables = {.symbols = NULL};

  (void)size;
  if (!strstr(info->dlpi_name, search->library))
    return 0;
  for (unsigned i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
      read_dynamic(
          info->dlpi_addr,
          (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
          &tables);
  if (tables.symbols && tables.strings)
    look_through(info->dlpi_addr, &tables, search);
  return 1;
}

bool imports_replace(const char *library, const char *name, void *function) {
  struct search search = {library, name, function, false};

  dl_iterate_phdr(look_in, &search);
  return search.is_found;
}
