#!/bin/bash
# More bindings, each with a loop of its own around libcurl's multi interface:
# Rust's, with sockets that the program makes; Tarantool's fibers on libev;
# Ruby's by FFI; OCaml's.
set -u
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"

work=$tmp/work
mkdir -p "$site"
serve_site "$site"

# --- cargo -----------------------------------------------------------------

needs_crate() { # a registry of one crate; the distribution's cargo
  local crate=$site/crates/planned/1.0.0 folder=$tmp/crate/planned-1.0.0
  have_file cargo /usr/bin/cargo || return
  [ ! -e "$crate" ] || return 0
  mkdir -p "$folder/src" "$site/index/pl/an" "${crate%/*}"
  printf '[package]\nname = "planned"\nversion = "1.0.0"\n' \
    >"$folder/Cargo.toml"
  head -c 200000 /dev/urandom | base64 -w 0 | sed 's|^|// |' \
    >"$folder/src/lib.rs"
  tar -C "$tmp/crate" -czf "$crate" planned-1.0.0
  jq -n --arg site "$SITE" '{dl: "\($site)/crates/{crate}/{version}",
    api: $site}' >"$site/index/config.json"
  jq -n -c --arg sum "$(sha "$crate")" '{name: "planned", vers: "1.0.0",
    deps: [], cksum: $sum, features: {}, yanked: false}' \
    >"$site/index/pl/an/planned"
}

# It repeats nothing by itself here. Sparse registries were new in Debian 12's.
use_cargo() { # sets what the tests use
  prepare() {
    rm -rf "$work"
    mkdir -p "$work/src" "$work/home"
    : >"$work/src/lib.rs"
    printf '%s\n' '[package]' 'name = "user"' 'version = "1.0.0"' \
      '[dependencies]' 'planned = { version = "1", registry = "site" }' \
      >"$work/Cargo.toml"
    printf '%s\n' '[registries.site]' "index = \"sparse+$SITE/index/\"" \
      '[net]' 'retry = 0' >"$work/home/config.toml"
  }
  result() { find "$work/home" -name '*.crate' -exec cat {} + | sha; }
  COMMAND=(env -C "$work" CARGO_HOME="$work/home" RUSTC_BOOTSTRAP=1
    RUSTC=/usr/bin/rustc /usr/bin/cargo -Z sparse-registry fetch)
  RIGHT=$(sha "$site/crates/planned/1.0.0")
}

cargo_is_rescued() {
  local file
  needs_crate || return
  use_cargo
  for file in config.json planned 1.0.0; do
    site_rescues "GET */$file 503" "*/$file" 'GET:503 GET:200'
    site_rescues "GET */$file close@20" "*/$file" 'GET:200 GET:200'
  done
  for file in config.json 1.0.0; do # libcurl repeats the other one itself
    site_rescues "GET */$file rst,503" "*/$file" 'GET:0 GET:503 GET:200' 2
  done
  CURLRETRY_HOLD_BYTES=20K \
    site_rescues 'GET */1.0.0 close@50000' '*/1.0.0' 'GET:200 GET:206'
}

# --- bindings --------------------------------------------------------------

tarantool_is_rescued() {
  have tarantool || return
  cat >"$tmp/get.lua" <<'END'
local answer = require('http.client').new():get(arg[1], {timeout = 20})
io.stdout:write(answer.status == 200 and answer.body or '')
os.exit(0)
END
  rescues env -C "$tmp" tarantool "$tmp/get.lua" @URL
}

# What waits holds up no other fiber.
tarantool_s_fibers_are_rescued_at_once() {
  local index
  have tarantool || return
  cat >"$tmp/many.lua" <<'END'
local fiber = require('fiber')
local client = require('http.client').new({max_connections = 20})
local ended, whole = 0, 0
for index = 1, 30 do
  fiber.create(function()
    local url = arg[1] .. index
    local answer = client:get(url, {timeout = 20})
    ended = ended + 1
    if answer.status == 200 and #answer.body == 1000 then
      whole = whole + 1
    end
  end)
end
while ended < 30 do
  fiber.sleep(0.01)
end
print(whole)
os.exit(0)
END
  new_key
  for index in {1..30}; do
    server_plan "$KEY-$index" 503,200:rst@500,200:size=1000
  done
  host env -C "$tmp" CURLRETRY_BUDGET=1000 tarantool "$tmp/many.lua" \
    "$HTTP/$KEY-"
  ended 0
  text_out 30
  retries 60
  is requests "$(for index in {1..30}; do
    server_count "$KEY-$index"
  done | sort -u)" 3
}

# An easy handle, and a multi.
typhoeus_is_rescued() {
  local ruby=/usr/bin/ruby
  have_output ruby-typhoeus "$ruby" -e 'require "typhoeus"' || return
  rescues "$ruby" -e 'require "ethon"
    easy = Ethon::Easy.new(url: ARGV[0])
    print easy.response_body if easy.perform == :ok &&
                                easy.response_code == 200' @URL
  rescues "$ruby" -e 'require "typhoeus"
    hydra = Typhoeus::Hydra.new
    request = Typhoeus::Request.new(ARGV[0])
    hydra.queue(request)
    hydra.run
    print request.response.body if request.response.success?' @URL
}

# Its heap is moved while the transfer runs.
ocaml_is_rescued() {
  have ocamlfind || return
  cat >"$tmp/get.ml" <<'END'
let () =
  let curl = Curl.init () and body = Buffer.create 1000 in
  Curl.set_url curl Sys.argv.(1);
  Curl.set_failonerror curl true;
  Curl.set_writefunction curl (fun piece ->
      Gc.compact ();
      Buffer.add_string body piece;
      String.length piece);
  (if Array.length Sys.argv = 2 then
     try Curl.perform curl with Curl.CurlException _ -> exit 1
   else
     let multi = Curl.Multi.create () in
     Curl.Multi.add multi curl;
     while Curl.Multi.perform multi > 0 do
       ignore (Curl.Multi.wait multi)
     done;
     match Curl.Multi.remove_finished multi with
     | Some (_, Curl.CURLE_OK) -> ()
     | _ -> exit 1);
  print_string (Buffer.contents body);
  Curl.cleanup curl
END
  have_output libcurl-ocaml-dev env -C "$tmp" ocamlfind ocamlc -package curl \
    -linkpkg get.ml -o get.ocaml || return
  rescues "$tmp/get.ocaml" @URL
  rescues "$tmp/get.ocaml" @URL multi
}

run_tests "$0"
