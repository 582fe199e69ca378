declare module 'lzma-native' {
  import type { Transform } from 'node:stream'

  const lzma: {
    readonly CONCATENATED: number
    createStream(coder: 'autoDecoder', options: { memlimit: number; flags: number }): Transform
    createStream(coder: 'easyEncoder', options: { preset: number }): Transform
  }
  export default lzma
}
