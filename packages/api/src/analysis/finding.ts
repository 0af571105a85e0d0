/** A place in a content: UTF-16 units of its title or its body, up to but without `end`. */
export interface Span {
  readonly part: 'title' | 'body'
  readonly start: number
  readonly end: number
}

/** Something seen in a content, with the words that it was seen in. */
export interface Finding<Value = string> {
  readonly value: Value
  /** 0 to 1: how often such a finding is right. */
  readonly confidence: number
  readonly spans: Span[]
  readonly method: string
  readonly version: number
}

/** Three digits: more than any calibration here knows. */
export const confidenceOf = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000
