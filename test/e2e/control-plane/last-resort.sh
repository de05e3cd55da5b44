#!/bin/sh
# Ends what a test run started, however that run ends. It reads lines from the run:
#   process <pid>    a process group to end      ended <pid>    it ended by itself
#   folder <path>    a folder to remove
# and acts when its input closes: at stop(), after Ctrl-C, and after a kill -9 that no handler sees.
trap '' INT TERM HUP
processes=
newline='
'
folders=
while read -r verb argument; do
  case $verb in
    process) processes="$processes $argument" ;;
    ended)
      remaining=
      for pid in $processes; do [ "$pid" = "$argument" ] || remaining="$remaining $pid"; done
      processes=$remaining ;;
    folder) folders="$folders$argument$newline" ;;
  esac
done
for pid in $processes; do kill -KILL "-$pid" 2>/dev/null; done
printf '%s' "$folders" | while read -r folder; do
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$folder" 2>/dev/null && break
    sleep 0.1
  done
done
