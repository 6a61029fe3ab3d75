import type { Fact } from './fact.ts'

export type BinariesFact = { readonly plugin: string; readonly image: string; readonly platform: string } & Fact<object>
