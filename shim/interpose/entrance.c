#include "interpose/entrance.h"

__attribute__((noinline)) bool entrance_is_wrapper(struct entrance from) {
  enum place place = objects_place(from.caller);

  return place != PLACE_PROGRAM && place != PLACE_AHEAD;
}

__attribute__((noinline)) const struct library *
entrance_library(struct entrance from, struct library *borrowed) {
  const struct library *library;

  library = from.library ? from.library : caller_library(from.caller);
  if (!library && caller_borrow(from.caller, borrowed))
    library = borrowed;
  return library;
}
