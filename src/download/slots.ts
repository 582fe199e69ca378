export { Slots } from '../core/slots.ts'
