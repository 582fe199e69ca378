import { createHash } from 'node:crypto'
import type { DigestAlgorithm } from '../../../core/digest.ts'
import { invalid } from '../../../core/errors.ts'
import { objectOf } from '../../../core/printed-json.ts'
import type { DiscoveredUnit } from '../../../core/unit.ts'
import type { UploadedFile, UploadedUnits, UploadRun } from '../../../core/upload.ts'
import { FormatError } from '../../../formats/format-error.ts'
import { readPackageHead } from '../../../formats/rpm/package-head.ts'
import { type PrimaryPackage, readPrimaryPackage } from '../metadata/primary-package.ts'
import { type PackageDocuments, packageUnit } from '../package-unit.ts'
import { typeOfArch } from '../rpm-types.ts'
import { printPackage } from './print-package.ts'
import { type RpmPackage, readRpmPackage } from './rpm-package.ts'
import { requireSignature, type SignaturePolicy } from './signature-policy.ts'
import { readUploadClaims, type UploadClaims } from './upload-claims.ts'
import { checksumMismatch, notAnRpm, sizeMismatch, wrongPackageType } from './upload-errors.ts'

type Run = Pick<UploadRun<unknown>, 'type' | 'key' | 'metadata' | 'file' | 'signal'> & {
  readonly config: { readonly signatures: SignaturePolicy | undefined }
}

/**
 * Makes the unit of an uploaded package (pulp2-types §5.5): its metadata is read from its header, its bytes pass by. Throws kind
 * `invalid`: RPM1016 for what is no package, RPM1002 and RPM1003 for one of the other type, PLP1013 for a wrong checksum, RPM1013 and RPM1014 for a signature
 * that the repository does not take.
 */
export async function uploadPackage(run: Run): Promise<UploadedUnits> {
  const claims = readUploadClaims(run.key, run.metadata)
  const { size } = run.file
  if (claims.size !== undefined && claims.size !== size) throw sizeMismatch(claims.size, size)
  const rpm = await readPackage(run.file)
  requireType(run.type, rpm)
  requireSignature(run.config.signatures, claims.fileName ?? rpm.fileName, rpm.signingKey)
  const checksum = await checksumOf(run, claims.checksumType)
  if (claims.checksum !== undefined && claims.checksum !== checksum)
    throw checksumMismatch(claims.checksumType, claims.checksum, checksum)
  return { units: [toUnit(run, rpm, claims, checksum)] }
}

async function readPackage(file: UploadedFile): Promise<RpmPackage> {
  if (file.size === 0) throw notAnRpm('nothing was uploaded')
  try {
    return readRpmPackage(await readPackageHead(file.read()))
  } catch (error) {
    throw error instanceof FormatError ? notAnRpm(error.message, error) : error
  }
}

function requireType(type: string, { kind }: RpmPackage): void {
  if (kind === 'delta') throw notAnRpm('it is a delta of a package (drpm)')
  if (type === 'rpm' && kind === 'source') throw wrongPackageType('rpm')
  if (type === 'srpm' && kind === 'binary') throw wrongPackageType('srpm')
}

async function checksumOf({ file, signal }: Run, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of file.read()) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}

function toUnit(run: Run, rpm: RpmPackage, claims: UploadClaims, checksum: string): DiscoveredUnit {
  const fileName = claims.fileName ?? usualFileName(rpm, claims)
  const documents = documentsOf(run, rpm, { fileName, checksum, checksumType: claims.checksumType })
  const found = { ...readBack(documents.primary), ...claims.fields }
  if (typeOfArch(found.arch) !== run.type) throw invalid(`${found.arch} is no arch of an ${run.type}`, ['arch'])
  const digest = { algorithm: claims.checksumType, value: checksum }
  const content = () => run.file.read()
  const file = { path: fileName, size: run.file.size, digests: [digest], urls: [], content }
  const unit = packageUnit(found, documents, digest, file)
  // Clients know keys by their last eight digits (pulp2-types §5.2).
  const signed = rpm.signingKey !== undefined && { signing_key: rpm.signingKey.slice(-8) }
  return { ...unit, metadata: { ...objectOf(unit.metadata), ...signed } }
}

/** Of the package as the client has it. */
function usualFileName(rpm: RpmPackage, { fields }: UploadClaims): string {
  if ([fields.name, fields.version, fields.release, fields.arch].every((field) => field === undefined))
    return rpm.fileName
  const { name, version, release, arch } = { ...rpm, ...fields }
  return `${name}-${version}-${release}.${arch}.rpm`
}

interface Named {
  readonly fileName: string
  readonly checksum: string
  readonly checksumType: DigestAlgorithm
}

/** They show what the file says, whatever the client says of it: clients hold one against the other when they install. */
function documentsOf({ file }: Run, rpm: RpmPackage, { fileName: href, ...sum }: Named): PackageDocuments {
  // The time at which a file was stored says nothing of it; the same file shall always give the same unit.
  const stored = { ...sum, href, size: file.size, fileTime: rpm.buildTime }
  try {
    return printPackage(rpm, stored)
  } catch (error) {
    throw error instanceof FormatError ? notAnRpm(error.message, error) : error
  }
}

/** What a sync would make of the published package. */
function readBack(primary: Buffer): PrimaryPackage {
  const found = readPrimaryPackage(primary)
  if (found === undefined) throw notAnRpm('its name, version or arch is empty')
  return found
}
