/* elf_file.c - see elf_file.h. Source: elf(5), the System V ABI's chapters 4
 * and 5, and the notes on DT_GNU_HASH of binutils. */
#define _GNU_SOURCE
#include "elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif
#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)

/* Copied, since nothing says that it is aligned. */
static bool take(const struct elf_file *file, uint64_t offset, void *into,
                 size_t size) {
  if (offset > file->size || size > file->size - offset)
    return false;
  memcpy(into, file->bytes + offset, size);
  return true;
}

/* The text that begins at `offset`; NULL: it doesn't end in the file. */
static const char *text_at(const struct elf_file *file, uint64_t offset) {
  if (offset >= file->size ||
      memchr(file->bytes + offset, '\0', file->size - offset) == NULL)
    return NULL;
  return (const char *)file->bytes + offset;
}

static bool take_segment(const struct elf_file *file, size_t index,
                         ElfW(Phdr) * segment) {
  ElfW(Ehdr) header;
  return take(file, 0, &header, sizeof header) && index < header.e_phnum &&
         header.e_phentsize == sizeof *segment &&
         take(file, header.e_phoff + index * sizeof *segment, segment,
              sizeof *segment);
}

/* Where the file holds what is loaded at an address; 0: nowhere. */
static size_t offset_of(const struct elf_file *file, uint64_t address) {
  ElfW(Phdr) segment;
  for (size_t i = 0; take_segment(file, i, &segment); i++) {
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz)
      return (size_t)(address - segment.p_vaddr + segment.p_offset);
  }
  return 0;
}

static bool take_entry(const struct elf_file *file, size_t index,
                       ElfW(Dyn) * entry) {
  return index < file->dynamic_size / sizeof *entry &&
         take(file, file->dynamic + index * sizeof *entry, entry,
              sizeof *entry) &&
         entry->d_tag != DT_NULL;
}

/* The highest symbol that a bucket's chain begins with, then to the chain's
 * end: the count of DT_GNU_HASH, which doesn't say it. */
static size_t count_gnu_hash(const struct elf_file *file, size_t table) {
  uint32_t head[4]; /* buckets, first hashed symbol, words of the filter */
  uint32_t last = 0;
  uint32_t word = 0;
  if (!take(file, table, head, sizeof head))
    return 0;
  size_t buckets = table + sizeof head + head[2] * sizeof(ElfW(Addr));
  size_t chains = buckets + (size_t)head[0] * 4;
  for (size_t i = 0; i < head[0] && take(file, buckets + i * 4, &word, 4); i++)
    last = word > last ? word : last;
  if (last < head[1])
    return head[1];
  while (take(file, chains + (size_t)(last - head[1]) * 4, &word, 4) &&
         (word & 1) == 0)
    last++;
  return (size_t)last + 1;
}

static void read_dynamic(struct elf_file *file) {
  ElfW(Dyn) entry;
  uint32_t hash[2];
  for (size_t i = 0; take_entry(file, i, &entry); i++) {
    uint64_t value = entry.d_un.d_val;
    if (entry.d_tag == DT_STRTAB)
      file->texts = offset_of(file, value);
    else if (entry.d_tag == DT_SYMTAB)
      file->symbols = offset_of(file, value);
    else if (entry.d_tag == DT_GNU_HASH && file->symbol_count == 0)
      file->symbol_count = count_gnu_hash(file, offset_of(file, value));
    else if (entry.d_tag == DT_HASH &&
             take(file, offset_of(file, value), hash, sizeof hash))
      file->symbol_count = hash[1];
    else if (entry.d_tag == DT_FLAGS_1)
      file->is_pie = (value & DF_1_PIE) != 0;
  }
}

static void read_segments(struct elf_file *file) {
  ElfW(Phdr) segment;
  for (size_t i = 0; take_segment(file, i, &segment); i++) {
    if (segment.p_type == PT_INTERP) {
      file->interpreter = text_at(file, segment.p_offset);
    } else if (segment.p_type == PT_DYNAMIC) {
      file->dynamic = segment.p_offset;
      file->dynamic_size = segment.p_filesz;
    }
  }
}

/* False: it can't be read. What isn't a regular file is never opened: that
 * could do something. */
static bool map_file(struct elf_file *file, const char *path) {
  struct stat status;
  if (stat(path, &status) != 0)
    return false;
  if (!S_ISREG(status.st_mode))
    return true;
  int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0)
    return false;
  if (fstat(opened, &status) == 0 && S_ISREG(status.st_mode) &&
      status.st_size > 0) {
    void *bytes =
        mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, opened, 0);
    if (bytes != MAP_FAILED) {
      file->bytes = bytes;
      file->size = (size_t)status.st_size;
    }
  }
  (void)close(opened);
  return true;
}

enum elf_kind elf_open(struct elf_file *file, const char *path) {
  ElfW(Ehdr) header;
  memset(file, 0, sizeof *file);
  if (!map_file(file, path))
    return ELF_UNREADABLE;
  if (file->size >= 2 && memcmp(file->bytes, "#!", 2) == 0)
    return ELF_SCRIPT;
  if (file->size < SELFMAG || memcmp(file->bytes, ELFMAG, SELFMAG) != 0)
    return ELF_NONE;
  if (file->size < sizeof(Elf32_Ehdr))
    return ELF_BROKEN;
  bool is_own_order = file->bytes[EI_DATA] == OWN_ORDER;
  size_t low = file->bytes[EI_DATA] == ELFDATA2LSB ? 0 : 1;
  file->elf_class = file->bytes[EI_CLASS];
  file->type = file->bytes[16 + low] + file->bytes[17 - low] * 256U;
  file->machine = file->bytes[18 + low] + file->bytes[19 - low] * 256U;
  if (file->elf_class != OWN_CLASS || !is_own_order)
    return ELF_FOREIGN;
  if (!take(file, 0, &header, sizeof header) || header.e_phnum == 0)
    return ELF_BROKEN;
  read_segments(file);
  read_dynamic(file);
  return ELF_NATIVE;
}

bool elf_is_alike(const struct elf_file *a, const struct elf_file *b) {
  return a->elf_class == b->elf_class && a->machine == b->machine &&
         a->bytes[EI_DATA] == b->bytes[EI_DATA];
}

const char *elf_describe(const struct elf_file *file) {
  static char text[48];
  static const struct {
    unsigned machine;
    const char *name;
  } machines[] = {
      {EM_X86_64, "x86-64"}, {EM_386, "x86"},         {EM_AARCH64, "aarch64"},
      {EM_ARM, "ARM"},       {EM_RISCV, "RISC-V"},    {EM_PPC64, "ppc64"},
      {EM_S390, "s390x"},    {EM_LOONGARCH, "loong"}, {EM_MIPS, "MIPS"},
  };
  int bits = file->elf_class == ELFCLASS64 ? 64 : 32;
  for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
    if (machines[i].machine != file->machine)
      continue;
    (void)snprintf(text, sizeof text, "%d-bit %s", bits, machines[i].name);
    return text;
  }
  (void)snprintf(text, sizeof text, "%d-bit, machine %u", bits, file->machine);
  return text;
}

const char *elf_text(const struct elf_file *file, int64_t tag, size_t index) {
  ElfW(Dyn) entry;
  for (size_t i = 0; file->texts != 0 && take_entry(file, i, &entry); i++) {
    if (entry.d_tag == tag && index-- == 0)
      return text_at(file, file->texts + entry.d_un.d_val);
  }
  return NULL;
}

const char *elf_find(const struct elf_file *file, const char *bytes,
                     size_t length) {
  return memmem(file->bytes, file->size, bytes, length);
}

/* The note of the build's ID has Go's name on it, in a stripped one too. */
bool elf_is_go(const struct elf_file *file) {
  ElfW(Phdr) segment;
  ElfW(Nhdr) note;
  for (size_t i = 0; take_segment(file, i, &segment); i++) {
    size_t at = segment.p_offset;
    size_t end = at + segment.p_filesz;
    while (segment.p_type == PT_NOTE && at < end &&
           take(file, at, &note, sizeof note)) {
      char name[4] = "";
      if (note.n_namesz == 4 &&
          take(file, at + sizeof note, name, sizeof name) &&
          memcmp(name, "Go\0", 4) == 0)
        return true;
      at += sizeof note + ((note.n_namesz + 3UL) & ~3UL) +
            ((note.n_descsz + 3UL) & ~3UL);
    }
  }
  return false;
}

bool elf_symbol(const struct elf_file *file, size_t index,
                struct elf_symbol *symbol) {
  ElfW(Sym) entry;
  if (file->symbols == 0 || file->texts == 0 || index >= file->symbol_count ||
      !take(file, file->symbols + index * sizeof entry, &entry, sizeof entry))
    return false;
  symbol->name = text_at(file, file->texts + entry.st_name);
  symbol->is_defined = entry.st_shndx != SHN_UNDEF;
  symbol->is_weak = ELF64_ST_BIND(entry.st_info) == STB_WEAK;
  return symbol->name != NULL;
}

bool elf_defines(const struct elf_file *file, const char *name) {
  struct elf_symbol symbol;
  for (size_t i = 0; elf_symbol(file, i, &symbol); i++) {
    if (symbol.is_defined && strcmp(symbol.name, name) == 0)
      return true;
  }
  return false;
}
