/** Numbers of the tags of a package's header (rpmtag.h of rpm 4.18; they are part of the file format). */
export const rpmTags = {
  headerImmutable: 63,
  longArchiveSize: 271,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  description: 1005,
  buildTime: 1006,
  buildHost: 1007,
  size: 1009,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  group: 1016,
  url: 1020,
  arch: 1022,
  oldFileNames: 1027,
  fileModes: 1030,
  fileFlags: 1037,
  sourceRpm: 1044,
  archiveSize: 1046,
  noSource: 1051,
  noPatch: 1052,
  changelogTime: 1080,
  changelogName: 1081,
  changelogText: 1082,
  sourcePackage: 1106,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  payloadFormat: 1124,
  longSize: 5009,
  /** Bytes of the open payload, in packages that have no signature header of old. */
  openPayloadSize: 5113,
} as const

/** Name, flags and version of each kind of dependency. */
export const dependencyTags = {
  provides: { name: 1047, flags: 1112, version: 1113 },
  requires: { name: 1049, flags: 1048, version: 1050 },
  conflicts: { name: 1054, flags: 1053, version: 1055 },
  obsoletes: { name: 1090, flags: 1114, version: 1115 },
  recommends: { name: 5046, flags: 5048, version: 5047 },
  suggests: { name: 5049, flags: 5051, version: 5050 },
  supplements: { name: 5052, flags: 5054, version: 5053 },
  enhances: { name: 5055, flags: 5057, version: 5056 },
  /** How SUSE wrote recommends and suggests, then supplements and enhances, before rpm had tags for each. */
  oldSuggests: { name: 1156, flags: 1158, version: 1157 },
  oldEnhances: { name: 1159, flags: 1161, version: 1160 },
} as const

/** Tags of the signature header. */
export const signatureTags = {
  /** OpenPGP signatures of the header alone. */
  dsaHeader: 267,
  rsaHeader: 268,
  longArchiveSize: 271,
  /** OpenPGP signatures in base64, of rpm 6. */
  openPgp: 278,
  /** Of header and payload, by packages of old: RSA, then DSA. */
  pgp: 1002,
  gpg: 1005,
  payloadSize: 1007,
} as const
