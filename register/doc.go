// Package register holds the public bodies that petitions are addressed to.
//
// What lives here: Body and ParseBodies, which reads the operator's CSV and
// names every fault by file and line.
//
// What never: SQL, private persons, anything about signers. The only address
// kept is the one a body publishes for the public.
package register
