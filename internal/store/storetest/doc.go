// Package storetest is the conformance suite of the store: what the store
// promises, run against every engine.
//
// What lives here: Run and the scenarios it runs, and the small laws they are
// played under.
//
// What never: an engine of its own, a way around the store's methods, or code
// that the program uses.
package storetest
