#!/bin/sh
# SPDX-License-Identifier: MIT
# Real programs on every engine: their output and exit status are what they are without tarn.
. "$(dirname "$0")/tarn_checks.sh"

mkdir "$work/tree"
cp -r src include "$work/tree/"
cat "$work"/tree/src/*.[ch] >"$work/all.c"
for _ in 1 2 3; do cat "$work/all.c"; done | awk '{ print NR * 7919 % 65537, $0 }' >"$work/lines"
export LC_ALL=C HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000'
programs=0

# same NAME COMMAND: the shell command, in which $run stands where the program is started, prints the same with tarn.
# Output files that matter are printed by the command itself.
same() {
    what=$1 command=$2
    rm -rf "$work/here" && mkdir "$work/here"
    plain=0
    (cd "$work/here" && run= && eval "$command") >"$work/plain" 2>"$work/plain.err" </dev/null || plain=$?
    for engine in $all_engines; do
        rm -rf "$work/here" && mkdir "$work/here"
        status=0
        : >"$work/report"
        (cd "$work/here" && run="$tarn run --engine $engine --report $work/report" && eval "$command") \
            >"$work/tarned" 2>"$work/tarned.err" </dev/null || status=$?
        [ $status = $plain ] || fail "$what on $engine ended with $status, not $plain: $(head -n 5 "$work/tarned.err")"
        cmp -s "$work/plain" "$work/tarned" || fail "$what on $engine printed something else"
        cmp -s "$work/plain.err" "$work/tarned.err" || fail "$what on $engine said: $(head -n 5 "$work/tarned.err")"
        grep -qE '^  calls +[0-9]+ malloc' "$work/report" || fail "$what on $engine did not run on a pool"
        pass
    done
    programs=$((programs + 1))
    printf '%-8s %8d bytes of output the same\n' "$what" "$(wc -c <"$work/plain")"
}

# try NAME PROGRAM COMMAND: if the machine has the program.
try() {
    if command -v "$2" >/dev/null; then
        same "$1" "$3"
    else
        printf '%-8s not on this machine\n' "$1"
    fi
}

all_engines=$(engines)
try sort sort '$run sort --parallel=4 -S 2m -k2 "$work/lines"'
try cc "${CC:-cc}" '$run "${CC:-cc}" -O2 -std=c11 -Wall -I"$work/tree/include" -I"$build/generated/include" -I"$work/tree/src" \
    -c "$work/tree/src/pool.c" -o pool.o && cat pool.o'
try perl perl '$run perl -ne "\$h{\$_}++ for split /\W+/; END { print \"\$_ \$h{\$_}\n\" for sort keys %h }" "$work/all.c"'
try bash bash '$run bash -c "for i in {1..40}; do x[i]=\$(echo \$((i * i)) | cat); done; echo \${x[@]}; exit 4"'
try git git 'cp -r "$work/tree/." . && git init -q . && git config user.email a@b && git config user.name c &&
    $run git add -A && $run git commit -q -m one && echo "/* two */" >>src/pool.c && $run git diff && $run git log --stat -p &&
    $run git fsck && $run git gc -q && $run git rev-parse HEAD'
try python3 /usr/bin/python3 '$run /usr/bin/python3 -c "
import json, re, sys
words = re.findall(r\"\w+\", open(sys.argv[1]).read())
table = {}
for word in words: table[word] = table.get(word, 0) + 1
print(len(json.dumps(table, indent=1)), sorted(table.items(), key=lambda x: (-x[1], x[0]))[:50])
print(sum(hash(tuple(range(i))) != 0 for i in range(2000)))
" "$work/all.c"'
try tar tar 'tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 -cf - tree >plain.tar; $run tar -tvf plain.tar --utc;
    $run tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 -cf - tree | cat'
try gzip gzip '$run gzip -9 -n <"$work/lines" >lines.gz; $run gzip -dc lines.gz | cat; cat lines.gz'
try xz xz '$run xz -T2 -1 <"$work/lines" >lines.xz; $run xz -dc lines.xz | cat; cat lines.xz'
try awk awk '$run awk "{ n[\$1 % 1000] += length(\$0) } END { for (i = 0; i < 1000; i++) print i, n[i] }" "$work/lines"'
try grep grep '$run grep -cE "([a-z_]+)\(.*\1" "$work/lines"'
try sed sed '$run sed -E "s/([a-z]+)_([a-z]+)/\2_\1/g" "$work/all.c"'
try diff diff '$run diff -u "$work/tree/src/pool.c" "$work/tree/src/lifecycle.c"'
try find find '$run find "$work/tree" -name "*.c" -exec wc -l {} + | sort'
try sqlite3 sqlite3 '$run sqlite3 base "create table t(a integer primary key, b text, c real);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
    insert into t select i, hex(i * 7919 % 65537), i / 3.0 from n; create index k on t(b);
    select count(*), sum(c) from t where b like \"3%\"; select b, count(*) from t group by b order by 2 desc, 1 limit 9;
    delete from t where a % 3 = 0; vacuum; pragma integrity_check;"'
[ $programs -ge 5 ] || { echo "only $programs of the programs are on this machine"; exit 77; }
done_with "$programs programs on $(echo "$all_engines" | wc -w) engines give what they give without tarn"
