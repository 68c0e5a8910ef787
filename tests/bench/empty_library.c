/* What preloading costs by itself. */
const char bench_empty_library = 0;
