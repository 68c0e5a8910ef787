#!/bin/bash
# Programs that read parts of files by libcurl's multi interface: htslib's
# (bcftools), GDAL's, QEMU's.
set -u
# shellcheck source-path=SCRIPTDIR source=site.sh
. "$(dirname "$0")/site.sh"

work=$tmp/work # where they run
mkdir -p "$work" "$site"
serve_site "$site"
prepare() { rm -f "$work"/*; }
result() { sha "$tmp/out"; }

# --- htslib ----------------------------------------------------------------

needs_variants() { # a compressed file of them, and its index
  local index
  have bcftools || return
  [ ! -e "$site/x.vcf.gz" ] || return 0
  {
    printf '##fileformat=VCFv4.2\n##contig=<ID=c>\n'
    printf '##INFO=<ID=X,Number=1,Type=String,Description="x">\n'
    printf '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n'
    for index in {1..8000}; do
      printf 'c\t%d\t.\tA\tC\t%d\tPASS\tX=%d%d%d%d\n' $((index * 10)) \
        "$index" $RANDOM $RANDOM $RANDOM $RANDOM
    done
  } | bcftools view -Oz -o "$site/x.vcf.gz"
  bcftools index -t "$site/x.vcf.gz"
}

# It pauses each transfer at its first byte. It looks at the beginning, then
# for the end, then reads.
bcftools_is_rescued() {
  local file='*/x.vcf.gz'
  needs_variants || return
  COMMAND=(env -C "$work" bcftools view -H "$SITE/x.vcf.gz")
  RIGHT=$(bcftools view -H "$site/x.vcf.gz" | sha)
  site_rescues "GET $file 503" "$file" \
    'GET:503 GET:200 GET:206 GET:200'
  site_rescues "GET $file rst" "$file" 'GET:0 GET:200 GET:206 GET:200'
  site_rescues "GET $file rst,503" "$file" \
    'GET:0 GET:503 GET:200 GET:206 GET:200' 2
  site_rescues "GET $file ok,ok,close@50000" "$file" \
    'GET:200 GET:206 GET:200 GET:200'
}

# Its stream is paused again and again, on both sides of the seam.
bcftools_is_rescued_in_a_file_that_was_begun() {
  local file='*/x.vcf.gz'
  needs_variants || return
  COMMAND=(env -C "$work" bcftools view -H "$SITE/x.vcf.gz")
  RIGHT=$(bcftools view -H "$site/x.vcf.gz" | sha)
  CURLRETRY_HOLD_BYTES=10K site_rescues \
    "GET $file ok,ok,rst@50000,close@30000" "$file" \
    'GET:200 GET:206 GET:200 GET:206 GET:206' 2
}

bcftools_region_is_rescued() {
  local fault
  needs_variants || return
  COMMAND=(env -C "$work" bcftools view -H "$SITE/x.vcf.gz" c:40000-41000)
  RIGHT=$(bcftools view -H "$site/x.vcf.gz" c:40000-41000 | sha)
  for fault in 503 rst! close@100; do
    site_rescues "GET *.tbi $fault
GET * ok!,ok!,ok!,ok!" '*.gz.tbi' "GET:$(
      case $fault in 503) echo 503 ;; rst*) echo 0 ;; *) echo 200 ;; esac
    ) GET:200"
  done
}

# --- GDAL ------------------------------------------------------------------

needs_picture() { # of random grey
  have gdalinfo gdal_translate || return
  [ ! -e "$site/x.tif" ] || return 0
  { printf 'P5\n300 300\n255\n' && head -c 90000 /dev/urandom; } >"$tmp/x.pgm"
  gdal_translate -q -of GTiff "$tmp/x.pgm" "$site/x.tif"
  export GDAL_DISABLE_READDIR_ON_OPEN=EMPTY_DIR
}

# Of what broke off it makes blank pixels, with exit code 0.
gdal_is_rescued() {
  local rest='GET:206 GET:206 GET:206'
  needs_picture || return
  COMMAND=(gdalinfo -checksum "/vsicurl/$SITE/x.tif")
  result() { grep -a Checksum "$tmp/out"; }
  RIGHT=$(gdalinfo -checksum "$site/x.tif" | grep Checksum)
  site_rescues "HEAD * 503" '*' "HEAD:503 HEAD:200 $rest"
  site_rescues "HEAD * rst" '*' "HEAD:0 HEAD:200 $rest"
  site_rescues "GET * 503" '*' "HEAD:200 GET:503 $rest"
  site_rescues "GET * close@5000" '*' "HEAD:200 GET:206 $rest"
  site_rescues "GET * ok,close@5000" '*' "HEAD:200 GET:206 $rest"
  site_rescues "GET * ok!,rst@5000,503" '*' \
    'HEAD:200 GET:206 GET:206 GET:503 GET:206 GET:206' 2
}

# --- QEMU ------------------------------------------------------------------

# Of two ranges at once qemu-img 7.2 loses one at times, all by itself: it
# hangs in one of fifteen runs. So they are small enough for one.
needs_image() { # SIZE: of random bytes
  have qemu-img || return
  head -c "$1" /dev/urandom >"$site/image"
  result() { sha "$work/image" 2>/dev/null; }
  COMMAND=(qemu-img convert -f raw -O raw "$SITE/image" "$work/image")
  RIGHT=$(sha "$site/image")
  site_fails
  alone "${COMMAND[@]}"
  [ "$RC" = 0 ] && return
  reason="qemu-block-extra is missing"
  return 1
}

qemu_img_is_rescued() {
  needs_image 1024000 || return
  site_rescues "HEAD * 503" '*' 'HEAD:503 HEAD:200 GET:206'
  site_rescues "HEAD * rst,503" '*' 'HEAD:0 HEAD:503 HEAD:200 GET:206' 2
  site_rescues "GET * 503" '*' 'HEAD:200 GET:503 GET:206'
  site_rescues "GET * close@1000" '*' 'HEAD:200 GET:206 GET:206'
  site_rescues $'HEAD * ok!\nGET * rst,503' '*' \
    'HEAD:200 GET:0 GET:503 GET:206' 2
}

# A part of a part is asked for.
qemu_img_is_rescued_in_a_range_that_was_begun() {
  local BYTES=1
  needs_image 1024000 || return
  CURLRETRY_HOLD_BYTES=50K site_rescues "GET * rst@700000" '*' \
    'HEAD:200:0 GET:206:700000 GET:206:324000'
}

run_tests "$0"
