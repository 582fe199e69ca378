#!/bin/bash
# Builds sample/repository from sample/specs, byte for byte the same each time with the same rpm and createrepo_c.
# Needs: rpmbuild and createrepo_c (Debian: apt-get install rpm createrepo-c). Usage: sample/build.sh [FOLDER]
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC SOURCE_DATE_EPOCH=1700000000
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${1:-$here/repository}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A source package keeps the times of its files.
cp -r "$here/specs" "$here/sources" "$work/"
find "$work/specs" "$work/sources" -type f -exec touch --date="@$SOURCE_DATE_EPOCH" {} + -exec chmod 0644 {} +

# Time, host and payload format are written into packages, so they are fixed.
build() {
  rpmbuild --quiet "$@" --define "_topdir $work" --define "_dbpath $work/db" \
    --define "_buildhost build.deckle.example" --define "use_source_date_epoch_as_buildtime 1" \
    --define "clamp_mtime_to_source_date_epoch 1" --define "source_date_epoch_from_changelog 0" \
    --define "_binary_payload w9.gzdio" --define "_source_payload w9.gzdio" \
    --define "_source_filedigest_algorithm 8" --define "_binary_filedigest_algorithm 8" \
    --define "_datadir /usr/share" --define "_build_id_links none" --define "vendor Deckle" --define "packager %{nil}"
}
build -bb --define "_sourcedir $work/sources" "$work"/specs/*.spec
# A source package also holds its spec file with all macros expanded: no path of this run may be among them.
(cd "$work" && build -bs --define "_sourcedir sources" --buildroot /buildroot specs/deckle-hello.spec)

rm -rf "$target"
mkdir -p "$target/Packages"
install -p -m 0644 "$work"/RPMS/*/*.rpm "$work"/SRPMS/*.rpm "$target/Packages/"
find "$target/Packages" -type f -exec touch --date="@$SOURCE_DATE_EPOCH" {} +
createrepo_c --quiet --no-database --checksum sha256 --general-compress-type gz \
  --revision "$SOURCE_DATE_EPOCH" --set-timestamp-to-revision "$target"
