// Package control lets the commands of one machine reach the node that holds the folder.
//
// While a node runs, its folder is locked: a second process could not open the stores.
// So a command sends its words over DIR/control.sock, the node carries them out with the
// very function that the command would have called, and streams back what it would have
// printed. The socket is the owner's alone (0600 in a 0700 folder); it is not a network
// listener and carries no secrets: the node is unlocked already.
//
// The package knows no command. It must not grow any.
package control
