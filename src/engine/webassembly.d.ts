/** The part of WebAssembly's JavaScript API that the engine uses; TypeScript declares it only with the DOM. */
declare namespace WebAssembly {
  class Module {
    constructor(binary: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: Record<string, unknown>
  }
  class Memory {
    constructor(options: { initial: number; maximum: number; shared: true })
    readonly buffer: SharedArrayBuffer
    grow(pages: number): number
  }
  class Global {
    readonly value: number
  }
  function validate(binary: Uint8Array): boolean
}
