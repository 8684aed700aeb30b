import Metering

/// The course of a point's value over simulated time, in the point's unit; a pure function of that time and a seed.
package struct SimulatedSignal: Sendable, Hashable {
    package enum Course: Sendable, Hashable {
        case constant(Double)
        /// Starts there at zero and grows by so much in each millisecond.
        case ramp(start: Double, rate: Double)
        case track(Track)
        /// Starts there at zero and grows by another point's value times so much in each millisecond: a meter's register.
        case counter(of: PointIndex, start: Double, rate: Double)
    }

    package var course: Course
    /// Values lie within this distance of the course.
    package var noise: Double
    /// Milliseconds between two values of the noise.
    package var noiseEvery: Int64
    /// What stands in the point's scale register, if it has one.
    package var exponent: Int

    /// A signal; without more, without noise.
    package init(_ course: Course, noise: Double = 0, noiseEvery: Int64 = 1000, exponent: Int = 0) {
        self.course = course
        self.noise = noise
        self.noiseEvery = noiseEvery
        self.exponent = exponent
    }
}
