import { Module } from 'node:module';
import type { FunctionApp, FunctionCallback, ProgrammingModel } from './function-app.ts';
import type { FunctionMetadata, LogCategory, LogLevel } from './messages.ts';

class Disposable {
  readonly #dispose: () => unknown;

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  dispose(): unknown {
    return this.#dispose();
  }
}

/**
 * Answers `require('@azure/functions-core')`, a module that only exists inside a host. Must run before the app is
 * imported: `@azure/functions` asks once and otherwise stays in its test mode.
 * @param openApp the app that registers its functions at the moment.
 */
export function provideCoreModule(openApp: () => FunctionApp): void {
  const coreModule = {
    version: '3.12.0',
    hostVersion: '4.1037.0',
    Disposable,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => {
      const app = openApp();
      app.register(metadata, callback);
      return new Disposable(() => app.functions.delete(metadata.name));
    },
    registerHook: (name: string, callback: (context: object) => unknown) =>
      new Disposable(openApp().addHook(name, callback)),
    setProgrammingModel: (model: ProgrammingModel) => {
      openApp().model = model;
    },
    getProgrammingModel: () => openApp().model,
    log: (level: LogLevel, category: LogCategory, message: string) => openApp().log({ level, category, message }),
  };

  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function require(this: Module, id: string) {
    return id === '@azure/functions-core' ? coreModule : original.call(this, id);
  }, original);
}
