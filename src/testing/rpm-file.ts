import { rpmTags } from '../formats/rpm/rpm-tags.ts'

/** The values of a tag: a text, texts, whole numbers of 16, 32 or 64 bits, or bytes. */
export type TagValue =
  | string
  | { readonly i18n: readonly (string | Buffer)[] }
  | { readonly texts: readonly (string | Buffer)[] }
  | { readonly int8: readonly number[] }
  | { readonly int16: readonly number[] }
  | { readonly int32: readonly number[] }
  | { readonly int64: readonly bigint[] }
  | { readonly binary: Buffer }

export type Tags = readonly (readonly [tag: number, value: TagValue])[]

export interface RpmFileOptions {
  readonly header: Tags
  readonly signature?: Tags
  readonly payload?: Buffer
  /** Without the region that marks what was signed: as rpm 3 wrote packages. */
  readonly old?: boolean
}

/** A package file as rpmbuild would lay it out, with any tags. Nothing is signed or summed up. */
export function rpmFile({
  header,
  signature = [],
  payload = Buffer.from('payload'),
  old = false,
}: RpmFileOptions): Buffer {
  const lead = Buffer.alloc(96)
  lead.set([0xed, 0xab, 0xee, 0xdb, 3, 0])
  lead.writeUInt16BE(5, 78)
  const signatureBytes = headerBytes(signature, old ? undefined : 62)
  const padding = Buffer.alloc((8 - (signatureBytes.length % 8)) % 8)
  return Buffer.concat([lead, signatureBytes, padding, headerBytes(header, old ? undefined : 63), payload])
}

/** A header that describes a small package; `more` tags come behind or replace. */
export function packageTags(more: Tags = []): Tags {
  const usual: Tags = [
    [rpmTags.name, 'bear'],
    [rpmTags.version, '4.1'],
    [rpmTags.release, '1'],
    [rpmTags.summary, { i18n: ['A bear'] }],
    [rpmTags.arch, 'noarch'],
    [rpmTags.sourceRpm, 'bear-4.1-1.src.rpm'],
  ]
  const replaced = new Set(more.map(([tag]) => tag))
  return [...usual.filter(([tag]) => !replaced.has(tag)), ...more]
}

/** Magic, index and data of one header. */
export function headerBytes(tags: Tags, region?: 62 | 63): Buffer {
  const sorted = [...tags].sort(([one], [two]) => one - two)
  const index: Buffer[] = []
  let data = Buffer.alloc(0)
  for (const [tag, value] of sorted) {
    const { type, count, bytes, align } = encoded(value)
    data = Buffer.concat([data, Buffer.alloc((align - (data.length % align)) % align)])
    index.push(entry(tag, type, data.length, count))
    data = Buffer.concat([data, bytes])
  }
  if (region !== undefined) {
    index.unshift(entry(region, 7, data.length, 16))
    data = Buffer.concat([data, entry(region, 7, -(index.length * 16), 16)])
  }
  const intro = Buffer.from([0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  intro.writeUInt32BE(index.length, 8)
  intro.writeUInt32BE(data.length, 12)
  return Buffer.concat([intro, ...index, data])
}

function entry(tag: number, type: number, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(16)
  for (const [at, value] of [tag, type, offset, count].entries()) bytes.writeInt32BE(value, at * 4)
  return bytes
}

function encoded(value: TagValue): { type: number; count: number; bytes: Buffer; align: number } {
  if (typeof value === 'string') return { type: 6, count: 1, bytes: Buffer.from(`${value}\0`), align: 1 }
  if ('binary' in value) return { type: 7, count: value.binary.length, bytes: value.binary, align: 1 }
  if ('i18n' in value) return { type: 9, ...zeroEnded(value.i18n) }
  if ('texts' in value) return { type: 8, ...zeroEnded(value.texts) }
  if ('int64' in value) return numbers(5, 8, value.int64, (bytes, at, number) => bytes.writeBigUInt64BE(number, at))
  if ('int32' in value) return numbers(4, 4, value.int32, (bytes, at, number) => bytes.writeUInt32BE(number, at))
  if ('int16' in value) return numbers(3, 2, value.int16, (bytes, at, number) => bytes.writeUInt16BE(number, at))
  return numbers(2, 1, value.int8, (bytes, at, number) => bytes.writeUInt8(number, at))
}

function zeroEnded(texts: readonly (string | Buffer)[]) {
  const bytes = Buffer.concat(texts.map((text) => Buffer.concat([Buffer.from(text), Buffer.alloc(1)])))
  return { count: texts.length, bytes, align: 1 }
}

function numbers<T>(
  type: number,
  width: number,
  values: readonly T[],
  write: (bytes: Buffer, at: number, value: T) => unknown,
) {
  const bytes = Buffer.alloc(width * values.length)
  for (const [at, value] of values.entries()) write(bytes, at * width, value)
  return { type, count: values.length, bytes, align: width }
}
