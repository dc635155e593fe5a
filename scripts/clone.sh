#!/bin/sh
# Bring one commit of a repository into a folder: clone.sh ADDRESS COMMIT FOLDER. Without a network the folder is missing,
# and the tests that need it say so.
set -eu
test -d "$3" && exit 0
part="$3.part"
rm -rf "$part"
git init --quiet "$part"
if git -C "$part" fetch --quiet --depth 1 "$1" "$2"; then
  git -C "$part" checkout --quiet FETCH_HEAD
  mv "$part" "$3"
else
  rm -rf "$part"
  echo "$1 cannot be reached: the tests that need it are skipped" >&2
fi
