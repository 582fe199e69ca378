import type { JsonObject } from '../../core/json.ts'
import type { BindingName } from './repository-file.ts'
import { safeName } from './safe-name.ts'
import type { SystemFiles } from './system-files.ts'

/** What programs of the consumer read: a JSON file a binding. */
const folder = '/etc/deckle/bindings'

/** Bindings to distributors that have no client of their own are written down with all that the server says of them. */
export async function bindDescriptor(
  files: SystemFiles,
  binding: BindingName,
  type: string,
  payload: JsonObject,
  server: string,
): Promise<void> {
  const { repository, distributor } = binding
  const text = JSON.stringify({ repository, distributor, type, server, payload }, null, 2)
  // A payload may have a key.
  await files.write(pathOf(binding), `${text}\n`, 0o600)
}

export async function unbindDescriptor(files: SystemFiles, binding: BindingName): Promise<void> {
  await files.remove(pathOf(binding))
}

function pathOf({ repository, distributor }: BindingName): string {
  return `${folder}/${safeName(repository)}+${safeName(distributor)}.json`
}
