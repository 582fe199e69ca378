import { startSlots } from './slots.ts'

/** A parent of worker slots that a test can kill. */
const url = process.env['TEST_DATABASE_URL']
if (url === undefined) throw new Error('TEST_DATABASE_URL is needed')
await startSlots(url)
