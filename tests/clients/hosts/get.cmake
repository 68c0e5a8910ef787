# cmake -DURL=... -DFILE=... -P get.cmake: the body into FILE.
file(DOWNLOAD "${URL}" "${FILE}" STATUS status)
list(GET status 0 code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${status}")
endif()
