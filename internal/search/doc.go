// Package search finds petitions by words: the same ones in the same order on
// every database engine, because engines only keep rows here.
//
// What lives here: how text is cut into words, which words are forms of each
// other in Russian, English and Kazakh, which are the same word in another
// script or with a mistyped letter, the index in memory that knows which
// petition has which word, the order of what is found, and the pieces of a text
// to mark. Everything is a pure function of the texts that were put in.
//
// What never: SQL, HTML, who asked, how many signed or looked. Nothing here
// ranks by engagement.
package search
