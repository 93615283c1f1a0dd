// Package imports reads what other petition sites export.
//
// What lives here: Read, a streaming reader of the two exports of
// petition.parliament.uk (the JSON document of its API and its CSV list, told
// apart by content), and Record, what was read, as it stands there. Everything
// in a Record has been checked; whatever could not be read is a RowError or a
// FileError that names the line.
//
// What never: SQL, HTTP, a clock, the opening of files, the decision what to
// do with a Record that is known already, and petitions that are not public at
// the source.
package imports
