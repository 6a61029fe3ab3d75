import type { Fact } from './fact.ts'

export type SignatureFact = { readonly plugin: string; readonly image: string } & Fact<object>
