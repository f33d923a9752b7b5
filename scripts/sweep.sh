#!/usr/bin/env bash
# Trains a network for each combination of option values, one run per core at a time.
set -euo pipefail

help() {
  cat <<'END'
Usage: scripts/sweep.sh DIR [--OPTION VALUE...]... [--print] [--ssh HOST,HOST] [-- PARALLEL_OPTION...]

  scripts/sweep.sh runs --alpha 0.1 0.2 0.4 --hidden 10 32 --seed 0 1 2 3 --iters 100 --data mnist_train.csv
  scripts/sweep.sh runs --alpha 0.1 0.2 --print > jobs.txt
  scripts/sweep.sh runs --alpha 0.1 0.2 --data mnist_train.csv --ssh :,ada@other,4/ada@third -- --retries 3

The options are those of mnist-train. An option with several values is swept; one with a single value applies to all
runs; --data and --test take all their files together. Each run writes DIR/alpha=0.1,hidden=10,seed=0.json and resumes
from that file if it exists, so running the same command again finishes an interrupted sweep.

  --print             print the commands, one per line, instead of running them
  --ssh HOST,HOST     spread the runs over machines; : is this one, 4/HOST means four runs at a time. Each machine needs
                      bash, rsync, GNU parallel and mnist-train; DIR and the data are copied there
  -- OPTION...        options for GNU parallel, such as --jobs 4

Runs get --quiet, --threads 1 and --checkpoint-every 100 (10000 with --batch) unless you give these options.
MNIST_TRAIN names the command to run (default: this checkout's; with --ssh, mnist-train).
Needs bash 4.4 and GNU parallel. Exit codes: 0 all runs are complete, 1 some are not, 64 wrong usage.
END
}

refuse() {
  printf 'sweep.sh: %s\n' "$1" >&2
  exit "${2:-64}"
}

# Whether the first lines of a weights file say that its run is complete.
complete() {
  [[ -e $1 ]] || return 1
  local head counts='"training": \{"iterations":([0-9]+),.*"result": \{"iterations":([0-9]+)[,}]'
  head=$(head -n 6 "$1")
  [[ $head =~ $counts ]] && [[ ${BASH_REMATCH[1]} == "${BASH_REMATCH[2]}" || $head == *'"stopped":'* ]]
}

# The arguments quoted for a shell, each after a space.
quoted() { (($# == 0)) || printf ' %q' "$@"; }

case ${1-} in
--help | -h) help && exit ;;
'' | -*) refuse 'name the folder for the weights files first: scripts/sweep.sh DIR [--OPTION VALUE...]...' ;;
esac
dir=${1%/}
shift

names=('') # of the runs, without .json
swept=('') # the options that differ, quoted
fixed=''   # the options of all runs that the weights files record
how=''     # those that they do not record: repeated when a run resumes
given=' '  # the options seen
digits=()  # the files of --data and --test
print='' hosts='' parallel_options=()
while (($#)); do
  option=$1
  shift
  [[ $option == -- ]] && parallel_options=("$@") && break
  [[ $option == --?* ]] || refuse "$option: not a long option such as --alpha"
  [[ $option == *=* ]] && set -- "${option#*=}" "$@" && option=${option%%=*}
  [[ $option =~ ^--[a-z][a-z-]*$ ]] || refuse "$option: not an option's name, such as --alpha"
  values=()
  while (($#)) && [[ $1 != -?* ]]; do values+=("$1") && shift; done
  [[ $given != *" $option "* ]] || refuse "$option is given twice; give all its values at once"
  given+="$option "
  case $option in
  --out | --resume | --json) refuse "$option: a sweep names and resumes its files itself; omit it" ;;
  --print) print=yes ;;
  --ssh)
    hosts=${values[*]-}
    [[ $hosts ]] || refuse '--ssh: name the machines, such as --ssh :,ada@other'
    ;;
  --data | --test) digits+=("${values[@]}") how+=$(quoted "$option" "${values[@]}") ;;
  --threads | --checkpoint-every | --max-seconds | --quiet) how+=$(quoted "$option" "${values[@]}") ;;
  *)
    if ((${#values[@]} < 2)); then
      fixed+=$(quoted "$option" "${values[@]}")
      continue
    fi
    all_names=() all_swept=()
    for i in "${!names[@]}"; do
      for value in "${values[@]}"; do
        all_names+=("${names[i]:+${names[i]},}${option#--}=${value//[^A-Za-z0-9._+-]/_}")
        printf -v words ' %q' "$option" "$value"
        all_swept+=("${swept[i]}$words")
      done
    done
    names=("${all_names[@]}") swept=("${all_swept[@]}")
    ;;
  esac
done
[[ $given == *' --quiet '* ]] || how+=' --quiet'
[[ $given == *' --threads '* ]] || how+=' --threads 1'
often=100
[[ $given == *' --batch '* ]] && often=10000 # iterations take about a hundredth of the time
[[ $given == *' --checkpoint-every '* ]] || how+=" --checkpoint-every $often"
twice=$(printf '%s\n' "${names[@]}" | sort | uniq -d | head -n 1)
[[ -z $twice ]] || refuse "two runs would both write $twice.json; give each value once"

if [[ $hosts ]]; then
  for path in "$dir" "${digits[@]}"; do
    [[ /$path/ != */../* ]] || refuse "$path: with --ssh, paths cannot contain .."
  done
  [[ $dir != /* ]] || refuse "$dir: with --ssh, the folder must be a relative path"
fi

own=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../dist/bin/mnist-train.js
train=mnist-train
[[ $hosts || ! -x $own ]] || printf -v train '%q' "$(realpath "$own")"
train=${MNIST_TRAIN:-$train}

mkdir -p -- "$dir" || exit 73
note=$dir/options.txt # what the file names do not say
if [[ ! -e $note ]]; then
  printf '%s\n' "$fixed" >"$note~"
  mv "$note~" "$note"
elif [[ $(<"$note") != "$fixed" ]]; then
  refuse "$dir holds runs with other options:$(<"$note"); name another folder, or delete $note to mix them"
fi

files=() commands=() sent=()
printf -v place '%q' "$dir"
for i in "${!names[@]}"; do
  file=$dir/${names[i]:-run}.json
  path=$place/${names[i]:-run}.json
  command="if [ -e $path ]; then $train --resume $path$how; else $train${swept[i]}$fixed --out $path$how; fi"
  if [[ $print ]]; then
    printf '%s\n' "$command"
  elif ! complete "$file"; then
    files+=("$file") commands+=("$command")
    if [[ -e $file ]]; then sent+=("$file"); else sent+=("$note"); fi # sending the note creates the folder
  fi
done
[[ -z $print ]] || exit 0
printf 'sweep.sh: %d runs, %d to do\n' "${#names[@]}" "${#files[@]}" >&2
((${#files[@]})) || exit 0

[[ $(parallel --version 2>&1) == GNU* ]] || refuse 'GNU parallel is not installed (Debian: apt-get install parallel)' 69
job='eval {2}'
if [[ $hosts ]]; then
  id=$(printf '%s\n' "$HOSTNAME" "$PWD" "$dir" "$fixed" | cksum)
  far=.mnist-sweep-${id%% *} # a folder of its own, so that nothing else is overwritten or deleted
  remote=(--sshlogin "$hosts" --workdir "$far" --transferfile '{3}' --return '{1}')
  for path in "${digits[@]}"; do
    [[ $path == /* || ! -e $path ]] || remote+=(--basefile "$path")
  done
  parallel_options=("${remote[@]}" "${parallel_options[@]}")
  printf -v job "[ \"\$PARALLEL_SSHLOGIN\" != : ] || cd %q; %s" "$PWD" "$job"
  export RSYNC_OLD_ARGS=1 RSYNC_PROTECT_ARGS=0 # GNU parallel already quotes names for the remote shell
fi
[[ -t 2 ]] && parallel_options=(--bar "${parallel_options[@]}")

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A run that is terminated has 10 s to save its weights.
parallel --will-cite --joblog "$log" --tagstring '{1/.}' --termseq TERM,10000,KILL,25 "${parallel_options[@]}" \
  -0 --link -a <(printf '%s\0' "${files[@]}") -a <(printf '%s\0' "${commands[@]}") -a <(printf '%s\0' "${sent[@]}") \
  "$job" </dev/null || true
[[ -z $hosts ]] || parallel --will-cite --nonall --sshlogin "$hosts" "rm -rf $far" </dev/null || true

endings=()
while IFS=$'\t' read -r seq _ _ _ _ _ code signal _; do
  [[ $seq == Seq ]] || endings[seq - 1]="exit code $code, signal $signal"
done <"$log"
failed=()
for i in "${!files[@]}"; do
  ending=${endings[i]-not run}
  [[ $ending == 'exit code 0, signal 0' && -e ${files[i]} ]] || failed+=("  ${files[i]}: ${ending%, signal 0}")
done
((${#failed[@]})) || exit 0
printf 'sweep.sh: %d of %d runs failed:\n' "${#failed[@]}" "${#names[@]}" >&2
printf '%s\n' "${failed[@]}" >&2
exit 1
