// Package i18n says things in Kazakh, Russian and English: messages with
// plural forms, numbers, dates, the order of words, and the choice of a
// language for a reader.
//
// What lives here: the locale files, Bundle and Printer, Match, Fold.
//
// What never: HTML and its escaping, a clock, time zones of a deployment, the
// text of a law (profiles carry their own in each language), other files than
// the embedded ones.
package i18n
