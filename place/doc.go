// Package place holds the places a petition may concern and a signer may live
// in: regions, constituencies and countries, each with its dates of validity.
//
// What lives here: Place, Set, the sets shipped with the program (embedded CSV,
// the only thing this package reads), and ReadCSV, the strict table reader that
// every register of the project uses so that a fault names its file and line, and
// which faults there are, each with its key and its English sentence.
//
// What never: files of the machine, SQL, who lives where, how a form looks.
//
// Sources of the shipped sets: kz is compiled from public codes (ISO 3166-2 and
// KATO). uk holds the constituencies and countries named by the UK Parliament's
// petitions service on 24 March 2019; contains Parliamentary information
// licensed under the Open Parliament Licence v3.0. Those constituencies were in
// use from the general election of 2010 until that of 2024. The Kazakh and Russian
// names of its countries follow Unicode CLDR 48 (Unicode License v3), long forms
// preferred; its constituencies have the names they have.
package place
