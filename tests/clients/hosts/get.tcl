# get.tcl URL FILE: the body into FILE.
package require TclCurl
set curl [curl::init]
$curl configure -url [lindex $argv 0] -file [lindex $argv 1]
if {[catch {$curl perform} code]} { exit $code }
$curl cleanup
