#!/bin/sh
# One table, many descriptions: the manual, the completions and the translation agree with
# the program. To bring the manual up to date:
#	jobdeck help --format=mdoc    and replace the marked parts of doc/jobdeck.1 by it
. "${srcdir:-.}/tests/system/cli_tap.sh"
root=${srcdir:-.}
page=$root/doc/jobdeck.1
rc=0 out= err=

sed -n '/^\.\\" generated: /,/^\.\\" end of generated/p' "$page" >"$tmp/page"
jd help --format=mdoc >"$tmp/program"
out=$(diff "$tmp/page" "$tmp/program")
point "the manual has the program's own tables" [ -s "$tmp/program" -a -z "$out" ]
if command -v mandoc >/dev/null; then
	run mandoc -Tlint -Wwarning "$page"
	point "the manual is good mdoc" out_is ""
else
	skip "the manual is good mdoc" "no mandoc"
fi

run jd help
point "jobdeck help" all 'exits 0' 'out_has "--home DIR"'
run jd --help
point "jobdeck --help is the same" all 'exits 0' '[ "$out" = "$(jd help)" ]' 'out_has "Exit status"'
commands=$(jd help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
point "commands are listed" [ "$(echo $commands | wc -w)" -ge 18 ]
missing=
for c in $commands; do
	jd help "$c" | grep -q "^Usage: jobdeck $c" || missing="$missing $c"
	jd "$c" --help | cmp -s - "$tmp/nothing" && missing="$missing $c"
	grep -q "^\.It Cm $(echo "$c" | sed 's/-/\\\\-/g')" "$page" || missing="$missing $c(1)"
done
out=$missing
point "each has help and a place in the manual" [ -z "$missing" ]
run jd help nothing-of-ours
point "help for what is not there" all 'exits 2' 'err_has nothing-of-ours'
run jd --version
point "--version" matches "$out" 'jobdeck [0-9]*\.[0-9]*\.[0-9]*$'
run jd help
long=$(printf '%s\n' "$out" | awk 'length($0) > 80' | wc -l)
point "help fits 80 columns" [ "$long" -eq 0 ]

# --- completion -----------------------------------------------------------------------
complete() { # complete WORD...: what bash would offer for the last one
	bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _jobdeck 2>/dev/null; echo "${COMPREPLY[*]}"' \
		"$tmp/completion" "$@"
}
if command -v bash >/dev/null; then
	jd help --format=bash >"$tmp/completion"
	run bash -n "$tmp/completion"
	point "completion is good bash" all 'exits 0' 'err_has ""'
	ln -s "$JOBDECK" "$tmp/jobdeck"
	PATH=$tmp:$PATH
	jd submit --name render -- true >/dev/null 2>&1
	out=$(complete jobdeck sub)
	point "it completes commands" out_is submit
	out=$(complete jobdeck submit --que)
	point "options" out_is --queue
	out=$(complete jobdeck submit --queue '')
	point "queues" out_is default
	out=$(complete jobdeck logs ren)
	point "jobs" out_is render
	out=$(complete jobdeck queue dis)
	point "words" out_is disable
	out=$(complete jobdeck jobs -s RUN)
	point "statuses" out_is "RUNNABLE RUNNING"
	jd stop-server
	out=$(complete jobdeck logs ren)
	point "it starts no server" all 'out_is ""' '! jd status'
else
	skip "completion" "no bash"
fi
for shell in zsh fish; do
	if command -v $shell >/dev/null; then
		jd help --format=$shell >"$tmp/completion.$shell"
		run $shell -n "$tmp/completion.$shell"
		point "completion is good $shell" all 'exits 0' '[ -z "$err" ]'
	else
		skip "completion is good $shell" "no $shell"
	fi
done

# --- translation ----------------------------------------------------------------------
mkdir -p "$tmp/locale/de/LC_MESSAGES"
if command -v msgfmt >/dev/null; then
	run msgfmt --check -o "$tmp/locale/de/LC_MESSAGES/jobdeck.mo" "$root/po/de.po"
	point "the German translation is sound" all 'exits 0' '[ -z "$err" ]'
	if command -v xgettext >/dev/null && command -v msgmerge >/dev/null; then
		(cd "$root" && xgettext --keyword=_ --keyword=N_ --from-code=UTF-8 -L C -o - $(grep -v '^#' po/POTFILES.in)) >"$tmp/all.pot"
		msgmerge -q -N -o "$tmp/merged.po" "$root/po/de.po" "$tmp/all.pot"
		msgattrib --untranslated --no-wrap "$tmp/merged.po" >"$tmp/untranslated"
		out=$(grep '^msgid "..*"' "$tmp/untranslated")
		point "the German translation is complete" [ -s "$tmp/merged.po" -a -z "$out" ]
	else
		skip "the German translation is complete" "no gettext"
	fi
	german() { LC_ALL=C.UTF-8 LANGUAGE=de JOBDECK_LOCALEDIR=$tmp/locale "$JOBDECK" "$@"; }
	run german help
	point "help in German" all 'exits 0' 'out_has "Aufruf: jobdeck"' 'out_has "Befehle:"'
	run german logs
	point "mistakes in German" all 'exits 2' 'err_has "logs braucht"'
	run german --json jobs
	point "JSON is JSON in German too" out_is "$(jd --json jobs)"
	same=
	for c in $commands; do
		[ "$(german help "$c" | sed -n 2p)" != "$(jd help "$c" | sed -n 2p)" ] || same="$same $c"
	done
	out=$same
	point "every command is explained in German" [ -z "$same" ]
	german help --format=mdoc >"$tmp/german"
	point "the manual's parts are English always" cmp "$tmp/program" "$tmp/german"
else
	skip "translation" "no msgfmt"
fi
done_testing
