#!/bin/sh
# recover.sh: a person's file, restored from copies of the two buckets and one master's identity; no Sallyport, no database.
# Needs: age, jq, tar, find, sha256sum. docs/recovery.md is the runbook, docs/vault-format.md the format.
set -uf
umask 077
usage='recover.sh: restores what the vault holds about one person into a new folder.

  recover.sh --vault DIR --escrow DIR --identity FILE --person REF --out DIR [--service FILE]
  recover.sh --vault DIR --escrow DIR --identity FILE --find WORDS

  --vault DIR      a copy of the vault bucket (or of the vault folder): it holds v1/
  --escrow DIR     a copy of the escrow bucket (or folder): it holds keys/
  --identity FILE  one age identity file of a master: a key file, a plug-in'\''s, or one behind a passphrase
  --service FILE   the identity of the service'\''s own key, for what was filed before the person had a key
  --person REF     the reference of the person (p-...), or service: what concerns nobody known (with --service alone)
  --find WORDS     print the references of those whose manifests hold these words (a name, a number) instead
  --out DIR        a new folder for the files, LIST.tsv and, if anything failed, FAILED.txt

Ends with 0 if all was restored, 1 if something failed, 2 if it was called wrongly, 3 if no key of the person opens.'

die() { echo "recover: $1" >&2; exit "${2:-2}"; }
vault='' escrow='' identity='' service='' person='' words='' out=''
while [ $# -gt 0 ]; do
  case $1 in -h | --help) echo "$usage"; exit 0 ;; esac
  [ $# -gt 1 ] || die "$1 needs a value; see --help"
  case $1 in
    --vault) vault=$2 ;; --escrow) escrow=$2 ;; --identity) identity=$2 ;; --service) service=$2 ;;
    --person) person=$2 ;; --find) words=$2 ;; --out) out=$2 ;;
    *) die "$1 is not known; see --help" ;;
  esac
  shift 2
done
[ -d "$vault/v1" ] || die "--vault must be a copy of the vault bucket, with the folder v1 in it"
[ "$person" = service ] || [ -d "$escrow/keys" ] || die "--escrow must be a copy of the escrow bucket, with the folder keys in it"
[ "$person" = service ] || [ -r "$identity" ] || die "--identity must be a file that can be read"
[ -z "$service" ] || [ -r "$service" ] || die "--service must be a file that can be read"
case $person in *[!A-Za-z0-9._=-]* | .*) die "--person must be a reference such as p-0123456789abcdef0123" ;; esac
for tool in age jq tar find sha256sum; do command -v $tool >/dev/null || die "the program $tool is needed"; done
tab=$(printf '\t')

sha() { sha256sum "$1" | cut -d ' ' -f 1; }

# What a bucket's copy holds below a prefix that ends in the suffix, as keys: in an object folder files are KEY@VERSION.
keys_below() { # root prefix suffix
  [ -d "$1/$2" ] || return 0
  (cd "$1" && find "$2" -type f) | grep -v '@.*\.\(json\|part\)$' | sed 's/@[0-9A-Z]*$//' | sort -u | grep "$3\$"
}
versions_of() { # root key: its files, newest first; a plain copy of a bucket has one
  if [ -f "$1/$2" ]; then echo "$1/$2"; return; fi
  find "$(dirname "$1/$2")" -maxdepth 1 -type f -name "$(basename "$2")@*" ! -name '*.json' ! -name '*.part' | sort -r
}
file_of() { # root key version: the very version if the copy has versions, else what there is
  if [ -f "$1/$2@$3" ]; then echo "$1/$2@$3"; else versions_of "$1" "$2" | tail -n 1; fi
}

# The person's secrets, all generations, in a variable of this shell alone: never in a file, nor in a process's arguments.
read_secrets() { # person
  secrets=''
  for key in $(keys_below "$escrow" "keys/$1" '\.age'); do
    for sealed in $(versions_of "$escrow" "$key" | tr ' ' '\001'); do
      # Only keys: a line that names a plug-in would have age start a program of whoever could write into escrow.
      if secret=$(age -d -i "$identity" "$(printf %s "$sealed" | tr '\001' ' ')" | grep '^AGE-SECRET-KEY-1[0-9A-Z]*$'); then
        secrets="$secrets$secret
"
        break
      fi
    done
  done
}
unseal() { # sealed plain: with the person's secrets, else with the service's key
  if [ -n "$secrets" ] && printf '%s' "$secrets" | age -d -i - -o "$2" "$1" 2>/dev/null; then return 0; fi
  rm -f "$2"
  if [ -n "$service" ] && age -d -i "$service" -o "$2" "$1" </dev/null 2>/dev/null; then return 0; fi
  rm -f "$2"
  return 1
}
open_bundle() { # key: leaves manifest.json and perhaps mail.eml in the work folder
  rm -f "$work/bundle" "$work/manifest.json" "$work/mail.eml"
  sealed=$(versions_of "$vault" "$1" | tail -n 1) # each is written once; a later version is not what was filed
  unseal "$sealed" "$work/bundle" || return 1
  tar -xOf "$work/bundle" manifest.json >"$work/manifest.json" 2>/dev/null || return 1
  tar -xOf "$work/bundle" mail.eml >"$work/mail.eml" 2>/dev/null || rm -f "$work/mail.eml"
  rm -f "$work/bundle"
  jq -e '.format == "sallyport-v1"' "$work/manifest.json" >/dev/null 2>&1
}

[ -w /dev/shm ] && memory=/dev/shm || memory=/tmp # manifests pass through here: not onto a disk, if possible
work=$(mktemp -d "${TMPDIR:-$memory}/recover.XXXXXX") || die "no folder for work can be made" 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

if [ -n "$words" ]; then
  for person in $(cd "$escrow/keys" && ls); do
    read_secrets "$person"
    [ -n "$secrets" ] || continue
    for key in $(keys_below "$vault" "v1/$person" '/0\.age'); do
      if open_bundle "$key" && jq -r 'del(.objects) | .. | strings' "$work/manifest.json" | grep -q -i -F -- "$words"; then
        echo "$person"
        break
      fi
    done
  done
  exit 0
fi

[ -n "$person" ] && [ -n "$out" ] || die "--person and --out are needed, or --find; see --help"
mkdir "$out" 2>/dev/null || die "the folder $out must not be there yet, and must be possible to make"
rm -rf "$work"
work=$out/.work # plain text stays on the disk where the restored file goes
mkdir "$work"
restored=0 failed=0 others=0 records=0 dead=''
note() { # filed-at record file result
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$out/LIST.tsv"
  case $4 in
    ok) restored=$((restored + 1)) ;;
    "of others"*) others=$((others + 1)) ;;
    *) failed=$((failed + 1)); printf '%s\t%s\t%s\n' "$2" "$3" "$4" >>"$out/FAILED.txt" ;;
  esac
}
printf 'filed at\trecord\tfile\tresult\n' >"$out/LIST.tsv"

secrets=''
[ "$person" = service ] || read_secrets "$person"
for mark in $(keys_below "$escrow" "keys/$person" '\.destroyed'); do
  when=$(jq -r '.destroyed_at | tostring | .[:10]' "$(versions_of "$escrow" "$mark" | head -n 1 )" 2>/dev/null)
  generation=$(basename "$mark" | cut -d - -f 1)
  echo "Key number $generation of $person was destroyed on ${when:-an unknown day}:" \
    "what was sealed to it alone cannot be opened by anybody."
  dead=yes
done
if [ -z "$secrets" ] && [ -z "$service" ]; then
  [ -n "$dead" ] || echo "No key of $person opens: this copy of escrow does not hold one, or the identity given" \
    "is not of a master that it is sealed to." >&2
fi
unopened="not opened: no key given opens it"
[ -z "$dead" ] || unopened="not opened: sealed to a key that was destroyed"

objects='
def name: gsub("[^\\w .()-]+"; "_") | until(utf8bytelength <= 200; .[1:]) | gsub("^[ .]+|[ .]+$"; "")
  | if . == "" then "part" else . end;
def two: tostring | if length < 2 then "0" + . else . end;
(reduce .parts[] as $p ({}; if $p.number then .[$p.number | tostring] = $p.file_name else . end)) as $names
| .objects[]
| [ (.number | tostring), .key, .version, .sealed_sha256, .plain_sha256,
    (if .people == [] or (.people | index($person)) then "mine" else "others" end),
    (if .kind == "mail" then "mail.eml" else "\(.number | two)-\($names[.number | tostring] // "" | name)" end) ]
| map(if . == "" then "-" else . end) | @tsv'

named_well() { # key version: of the vault, and no way out of the copy
  case $2/ in */*/) return 1 ;; esac # one name, of the store's making: Ceph draws its letters, dots too, so ".." is no step
  case $1/ in */../* | */./*) return 1 ;; v1/*) ;; *) return 1 ;; esac
  case $1$2 in *[!A-Za-z0-9._=/-]*) return 1 ;; esac
}

restore_object() { # the fields of one line; says what became of it
  case $1 in *[!0-9]* | ??????*) echo "the manifest numbers no part"; return ;; esac # it begins the file's name
  named_well "$2" "$3" || { echo "the manifest names no key of the vault"; return; }
  [ "$6" = mine ] || { echo "of others: sealed to other people alone"; return; }
  sealed=$(file_of "$vault" "$2" "$3")
  [ -n "$sealed" ] || { echo "missing in the copy of the vault"; return; }
  [ "$(sha "$sealed")" = "$4" ] || { echo "not the file that was filed (SHA-256)"; return; }
  unseal "$sealed" "$work/plain" || { echo "$unopened"; return; }
  [ "$(sha "$work/plain")" = "$5" ] || { echo "opens to something else than the manifest says"; return; }
  mv "$work/plain" "$folder/$7" && echo ok
}

keys_below "$vault" "v1/$person" '/0\.age' >"$work/bundles"
: >"$work/named"
while read -r bundle; do
  records=$((records + 1))
  record=$(basename "$(dirname "$bundle")")
  echo "$bundle" >>"$work/named"
  if ! open_bundle "$bundle"; then
    note - "$record" manifest.json "$unopened"
    keys_below "$vault" "${bundle%/*}" '\.age' | grep -v -x -F -e "$bundle" >"$work/rest"
    while read -r key; do
      echo "$key" >>"$work/named"
      note - "$record" "$(basename "$key")" "$unopened"
    done <"$work/rest"
    continue
  fi
  filed=$(jq -r '.filed_at | tostring | .[:19]' "$work/manifest.json" | tr -cd '0-9T:-')
  folder=$out/$(printf '%.10s' "$filed")_$record
  mkdir "$folder" || { note "$filed" "$record" - "the folder cannot be made"; continue; }
  cp "$work/manifest.json" "$folder/manifest.json"
  note "$filed" "$record" manifest.json ok
  if [ -f "$work/mail.eml" ]; then
    if [ "$(sha "$work/mail.eml")" = "$(jq -r .digest "$work/manifest.json")" ]; then
      mv "$work/mail.eml" "$folder/mail.eml"
      note "$filed" "$record" mail.eml ok
    else
      note "$filed" "$record" mail.eml "opens to something else than the manifest says"
    fi
  fi
  jq -r --arg person "$person" "$objects" "$work/manifest.json" >"$work/objects"
  while IFS=$tab read -r number key version sealed_sha plain_sha whose name; do
    echo "$key" >>"$work/named"
    note "$filed" "$record" "$name" "$(restore_object "$number" "$key" "$version" "$sealed_sha" "$plain_sha" "$whose" "$name")"
  done <"$work/objects"
done <"$work/bundles"

keys_below "$vault" "v1/$person" '\.age' | grep -v -x -F -f "$work/named" >"$work/orphans"
while read -r key; do
  if grep -q -x -F -e "${key%/*}/0.age" "$work/bundles"; then
    printf -- '-\t-\t%s\t%s\n' "$key" "named by no manifest: left by a filing that was broken off and done anew" >>"$out/LIST.tsv"
  else # nobody can tell a filing that was broken off from a manifest that was hidden: not to be called all
    note - "$(basename "${key%/*}")" "$(basename "$key")" "no manifest in the copy: lost, hidden, or the filing was broken off"
  fi
done <"$work/orphans"
rm -rf "$work"

echo "$records records; $restored files restored, $others of others left sealed, $failed failed. The list is $out/LIST.tsv."
[ "$restored" -gt 0 ] || [ "$records" -eq 0 ] || exit 3
[ "$records" -gt 0 ] || { echo "There is nothing below v1/$person in this copy of the vault." >&2; exit 1; }
[ "$failed" -eq 0 ]
