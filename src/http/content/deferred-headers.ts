import type { DeferredPublishedFile, PublishedFile } from '../../core/publication.ts'
import { type FileHeaders, fileHeaders, lastModifiedOf, typeHeaders } from './file-headers.ts'

/** What is said of a file whose bytes are not stored, before its bytes. */
export interface DeferredHeaders {
  /** With the whole body. No `Accept-Ranges`: parts are given once the file is stored. */
  readonly whole: readonly string[]
  /** Undefined while nobody knows the digest of the file: then only the fetch can tell what a client's copy is worth. */
  readonly validators: Pick<FileHeaders, 'etag' | 'lastModified' | 'unchanged'> | undefined
}

/** `path` is the published path. */
export function deferredHeaders(file: DeferredPublishedFile, path: string): DeferredHeaders {
  const length = file.size === null ? [] : ['Content-Length', String(file.size)]
  const end = ['X-Cache-Lookup', 'MISS', ...length]
  const type = typeHeaders(null, path)
  if (file.sha256 === null) {
    const facts = ['Last-Modified', lastModifiedOf(file), 'Cache-Control', 'no-cache']
    return { whole: [...type, ...facts, ...end], validators: undefined }
  }
  const validators = fileHeaders(asStored(file, { sha256: file.sha256, size: file.size ?? 0 }), path)
  return { whole: [...type, ...validators.unchanged, ...end], validators }
}

/** The file as it is served once its bytes are stored. */
export function asStored(
  { lastModified }: DeferredPublishedFile,
  { sha256, size }: { readonly sha256: string; readonly size: number },
): PublishedFile {
  return { size, sha256, mediaType: null, rope: [{ sha256, offset: 0, length: size }], lastModified }
}
