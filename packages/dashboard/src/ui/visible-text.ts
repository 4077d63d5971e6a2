/** Control and format characters, and all else that fonts leave blank. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Text of a peer, for somebody who decides by what they read: a character that cannot be seen, or that turns its
 * neighbours around, is written as its number. Otherwise one image could pass for another.
 */
export const visibleText = (text: string): string =>
  text.replace(unseen, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
