import { configureGlobal } from 'fast-check'

/** Loaded before every test file (`node --import`): all random input follows from the one seed that the run has printed. */
const seed = Number(process.env['DECKLE_TEST_SEED'])
if (Number.isInteger(seed)) configureGlobal({ seed })
