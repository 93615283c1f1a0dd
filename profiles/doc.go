// Package profiles holds the laws as data: one YAML file for each version of a
// profile, calendars of working days beside them, and the strict reader of both.
//
// What lives here: the shipped profiles (embedded), Parse, which turns a file
// into a petition.Profile or into a list of faults with file and line, and the
// checks that refuse a law which contradicts itself.
//
// What never: rules in Go that belong to one country; files of the machine (the
// caller reads an operator's own profile and hands over its bytes); a clock.
package profiles
