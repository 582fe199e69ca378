import { open } from 'node:fs/promises'
import { Type } from 'typebox'
import type { PulpTaskReport } from '../../src/wire/pulp/task-report.ts'
import { adminPassword, type DeckleServer } from './deckle-server.ts'
import { call, poll, read } from './pulp-calls.ts'

export interface PackageUpload {
  readonly repository: string
  /** `rpm` or `srpm`. */
  readonly type: string
  readonly path: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

const chunkBytes = 200_000
const UploadRequest = Type.Object({ upload_id: Type.String() })

/** Uploads a package by chunks, as pulp-smash does, and imports it; the task's report and those of what it queued. */
export async function uploadPackage(server: DeckleServer, upload: PackageUpload): Promise<PulpTaskReport[]> {
  const { upload_id } = read(UploadRequest, await call(server, 'POST', '/pulp/api/v2/content/uploads/', {}))
  await putChunks(server, upload_id, upload.path)
  const answer = await call(server, 'POST', `/pulp/api/v2/repositories/${upload.repository}/actions/import_upload/`, {
    upload_id,
    unit_type_id: upload.type,
    unit_key: {},
    unit_metadata: upload.metadata ?? {},
  })
  const reports = await poll(server, answer)
  await call(server, 'DELETE', `/pulp/api/v2/content/uploads/${upload_id}/`)
  return reports
}

async function putChunks(server: DeckleServer, id: string, path: string): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    for (let offset = 0; offset < size; offset += chunkBytes) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, offset)
      await putChunk(server, `/pulp/api/v2/content/uploads/${id}/${offset}/`, buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

async function putChunk(server: DeckleServer, path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const authorization = `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}`
  const response = await fetch(`${server.url}${path}`, { method: 'PUT', headers: { authorization }, body })
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${await response.text()}`)
}
