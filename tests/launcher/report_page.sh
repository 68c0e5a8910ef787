# report_page.sh - the report's page as a browser shows it; sourced by
# long_report.sh. A test is a function named after a behaviour.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# (variables of setup.sh; scripts in single quotes)

# What a test's script has: element and wait-free choices as a reader's.
helpers='const results = [];
  const say = (name, value) => results.push(name + "=" + value);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const choose = (name, value) => {
    document.getElementById(name).value = value;
    document.getElementById(name).dispatchEvent(new Event("change"));
  };'

browser() { # OPTION...: of a browser that finds no host
  timeout 60 chromium-headless-shell --no-sandbox --disable-gpu \
    --user-data-dir="$tmp/browser" --host-resolver-rules='MAP * ~NOTFOUND' \
    --hide-scrollbars --window-size=1280,1700 "$@" 2>"$tmp/browser.log"
}

in_page() { # FILE SCRIPT [OPTION...]: what it says, a line each
  local nonce # the script's way into the page
  nonce=$(sed -n 's/.*<script nonce="\([0-9a-f]*\)".*/\1/p' "$1")
  # Before any other: who breaks the page's policy, and what goes wrong.
  sed "s|^<style|<script nonce=\"$nonce\">let violations = 0, wrong = 0;\
addEventListener('securitypolicyviolation', () => violations++);\
addEventListener('error', () => wrong++);</script>&|; s|^</body>||" "$1" \
    >"$tmp/page.html"
  printf '<script nonce="%s">%s %s
    const pre = document.createElement("pre");
    pre.id = "results";
    say("end", 1);
    pre.textContent = "\\n" + results.join("\\n");
    document.body.append(pre);</script></body></html>\n' "$nonce" "$helpers" \
    "$2" >>"$tmp/page.html"
  browser "${@:3}" --dump-dom "file://$tmp/page.html" |
    sed -n '/<pre id="results">/,/<\/pre>/p' | sed 's/<[^>]*>//g'
}

said() { # NAME: the value in $out
  sed -n "s/^$1=//p" <<<"$out"
}

page_shows_the_figures() {
  have chromium-headless-shell jq || return
  run --report --html "$trace"
  out=$(in_page "$tmp/out" '
    say("tiles", all(".tile").map((tile) => tile.textContent).join("|"));
    say("verdict", document.getElementById("verdict").textContent);
    say("rows", all("#rows tbody tr").map((row) => row.textContent).join("|"));
    say("bars", all("#timeline rect").length);
    say("legend", document.getElementById("legend").textContent);
    say("calls", all("details.call").length);
    say("failed", all("details.call .failed").length);
    say("waits", all("details.call i.wait").length);
    say("bad", all("details.call i.bad").length);
    const first = all("details.call")[0];
    first.open = true;
    first.dispatchEvent(new Event("toggle"));
    say("steps", first.querySelectorAll("table tr").length);
    say("text", first.querySelector("table").textContent);
    say("resources", performance.getEntriesByType("resource").length);
    say("violations", violations);
    say("wrong", wrong);')
  is end "$(said end)" 1
  is tiles "$(said tiles)" '7calls|1ok at once|2rescued|3failed|'\
'1ended by the program|11attempts|7of them failed|800mswaited for retries|'\
'1.9slost: waits and failed attempts'
  like verdict "$(said verdict)" 'Without curlretry 5 of 7 calls would have *'
  like rows "$(said rows)" \
    'a.test:804121*|b.test:443200*timeout 1*2 of 2|proxy p.test:3128*'
  is 'bars of the timeline' "$(said bars)" 4
  is calls "$(said calls)" 7
  is 'failed ones' "$(said failed)" 3
  is waits "$(said waits)" 3
  is 'failed attempts' "$(said bad)" 7
  is 'attempts of the first' "$(said steps)" 4
  like 'what is said of them' "$(said text)" "*connect, curl 7, Couldn't *"
  is 'what it loaded' "$(said resources)" 0
  is 'what its policy forbade' "$(said violations)" 0
  is errors "$(said wrong)" 0
}

page_is_filtered() {
  have chromium-headless-shell jq || return
  run --report --html "$trace"
  out=$(in_page "$tmp/out" '
    choose("key", "b.test:443");
    say("of b", all("details.call").map((call) => call.querySelector("span")
      .textContent).join(" "));
    say("rows", all("#rows tbody tr").length);
    say("bars", all("#timeline rect").length);
    say("shown", document.getElementById("shown").textContent);
    choose("outcome", "program");
    say("one", all("details.call").length);
    choose("outcome", "ok");
    say("none", all("details.call").length);
    choose("key", "");
    choose("outcome", "rescued");
    say("rescued", all("details.call").length);
    choose("scale", "same");
    say("shorter", all("details.call")[1].querySelector("i").style.width);
    say("wrong", wrong);')
  is 'calls of b' "$(said 'of b')" 'failed program'
  is 'its row' "$(said rows)" 1
  is 'its bars' "$(said bars)" 1
  like 'what is shown' "$(said shown)" '2 of 2 calls are shown.*'
  is 'of one outcome' "$(said one)" 1
  is 'of one that none has' "$(said none)" 0
  is 'of all hosts' "$(said rescued)" 2
  like 'a bar on one scale' "$(said shorter)" '0.[0-9]*%'
  is errors "$(said wrong)" 0
}

page_shows_what_a_trace_holds_as_text() {
  have chromium-headless-shell jq || return
  local evil='</script><script>window.evil = 1</script><img src=x
    onerror="window.evil = 1">'
  call 1 "$(jq -n --arg evil "$evil" '{url: $evil, host: $evil,
    program: $evil, method: $evil, peer: $evil, class: "status",
    outcome: "failed"}')" >"$tmp/evil"
  note error "$evil" >>"$tmp/evil"
  run --report --html "$tmp/evil"
  out=$(in_page "$tmp/out" '
    say("evil", window.evil);
    say("images", all("img").length);
    say("url", document.querySelector(".url").textContent.length);
    say("wrong", wrong);')
  is 'what it did' "$(said evil)" undefined
  is images "$(said images)" 0
  at_least 'what is shown' "$(said url)" 100
  is errors "$(said wrong)" 0
}

page_of_100000_calls_is_quick_in_light_and_dark() {
  have chromium-headless-shell python3 || return
  local script='
    say("fore", getComputedStyle(document.body).color);
    say("back", getComputedStyle(document.body).backgroundColor);
    say("calls", all("details.call").length);
    say("total", all(".tile b")[0].textContent);
    const began = performance.now();
    choose("outcome", "failed");
    choose("outcome", "");
    say("ms", Math.round(performance.now() - began));
    say("wrong", wrong);'
  "$tree/tests/launcher/trace.py" 100000 >"$tmp/many"
  run --report --html "$tmp/many"
  cp "$tmp/out" "$tmp/many.html"
  out=$(in_page "$tmp/many.html" "$script" \
    --blink-settings=preferredColorScheme=1)
  is 'text in the light' "$(said fore)" 'rgb(27, 31, 36)'
  is 'behind it' "$(said back)" 'rgb(255, 255, 255)'
  at_least calls "$(said calls)" 400
  is total "$(said total)" 100,000
  at_most 'ms of two choices' "$(said ms)" 6000
  out=$(in_page "$tmp/many.html" "$script" \
    --blink-settings=preferredColorScheme=0)
  is 'text in the dark' "$(said fore)" 'rgb(227, 232, 238)'
  is 'behind it' "$(said back)" 'rgb(15, 19, 24)'
  is errors "$(said wrong)" 0
  browser --screenshot="$tmp/many.png" "file://$tmp/many.html" >/dev/null
  at_least 'bytes of a picture' "$(stat -c %s "$tmp/many.png")" 50000
}
