/** Says whose script a worker runs. The build puts the version in: page and worker must be of one build, as what they say to each other is. */
export const IDENTITY = 'nestling@build'
