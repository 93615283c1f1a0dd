// Package ingest turns records of other sites into rows of the store.
//
// What lives here: FromRecord, the mapping of one imports.Record to one
// store.Import, and UK, which reads a whole export into the store in batches
// and says what became of each petition.
//
// What never: parsing (internal/imports), SQL (internal/store), the opening of
// files, the printing of results, a clock.
package ingest
