module zaz

go 1.19

require github.com/pjbgf/gosystract v1.0.2

require (
	github.com/golang-collections/collections v0.0.0-20130729185459-604e922904d3 // indirect
	github.com/pkg/errors v0.8.1 // indirect
)
