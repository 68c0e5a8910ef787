# cmake -DURL=... -DFILE=... -P put.cmake: uploads FILE.
file(UPLOAD "${FILE}" "${URL}" STATUS status)
list(GET status 0 code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${status}")
endif()
