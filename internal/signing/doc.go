// Package signing takes signatures: submit, confirm, withdraw, and the pools
// that make many of them one durable transaction.
//
// What lives here: the tokens of the letters' links, the caps, the pools.
//
// What never: SQL, the words of a letter, deciding thresholds (that is
// petition.Count), an address outside a sealed letter.
package signing
