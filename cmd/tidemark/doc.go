// Command tidemark is the one binary: a node, its commands, and the demonstration.
//
// Each command is a struct of flags with a Run method: flags to a config, one call, words
// on the screen. While `tidemark run` holds a folder, commands for it are carried out by
// that process (node/control), by the same code. Nothing here decides anything about
// privacy; what must be refused is refused below.
package main
