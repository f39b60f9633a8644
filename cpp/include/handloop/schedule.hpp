// What happens to a scene while a run goes on: masses that grow, forces, supports that move away.
//
// A schedule is a list of tracks. Each drives one number of the simulation along straight lines
// between its keys (constant before the first and after the last).
#pragma once

#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace handloop {

enum class TrackTarget : std::uint8_t {
  kBodyMass,       // [kg]; the body's inertia scales with it
  kBodyForce,      // [N], [N m], of the wrench on a body: world axes, force first
  kMocapPosition,  // [m], world axis `component` of a mocap body
  kControl,        // of an actuator, in its own unit
  kEquality,       // a constraint holds while the value is above one half
};

struct Track {
  TrackTarget target = TrackTarget::kControl;
  int id = 0;         // body, actuator or equality constraint
  int component = 0;  // axis, 0 to 2; of a wrench 0 to 5
  std::vector<double> time, value;
  double reference_mass = 0.0;       // [kg], mass to which the inertia below belongs
  double reference_inertia[3] = {};  // [kg m2]
  std::size_t cursor = 0;
};

class Schedule {
 public:
  // Checks against the model. Throws std::invalid_argument naming what does not fit.
  void add(const mjModel& m, Track track) {
    if (track.time.empty() || track.time.size() != track.value.size()) {
      throw std::invalid_argument("a track needs as many times as values, and at least one");
    }
    if (!std::is_sorted(track.time.begin(), track.time.end())) {
      throw std::invalid_argument("the times of a track must not decrease");
    }
    const auto finite = [](double x) { return std::isfinite(x); };
    if (!std::all_of(track.time.begin(), track.time.end(), finite) ||
        !std::all_of(track.value.begin(), track.value.end(), finite)) {
      throw std::invalid_argument("the times and values of a track must be finite");
    }
    const int components = track.target == TrackTarget::kBodyForce ? 6 : 3;
    if (track.id < 0 || track.id >= count(m, track.target) || track.component < 0 ||
        track.component >= components) {
      throw std::invalid_argument(
          "a track names a body, actuator, equality constraint or axis that the model lacks");
    }
    if (track.target == TrackTarget::kMocapPosition && m.body_mocapid[track.id] < 0) {
      throw std::invalid_argument("a mocap track names a body that is not mocap");
    }
    if (track.target == TrackTarget::kBodyMass) {
      track.reference_mass = m.body_mass[track.id];
      if (track.reference_mass <= 0.0) {
        throw std::invalid_argument("a mass track needs a body that has mass in the model");
      }
      if (*std::min_element(track.value.begin(), track.value.end()) <= 0.0) {
        throw std::invalid_argument("the masses of a track must be > 0 kg");
      }
      std::copy_n(m.body_inertia + 3 * track.id, 3, track.reference_inertia);
    }
    tracks_.push_back(std::move(track));
  }

  void rewind() {
    for (Track& track : tracks_) track.cursor = 0;
  }

  // Sets every driven number to its value at d.time. The model must be this run's own.
  void apply(mjModel& m, mjData& d) {
    for (Track& track : tracks_) apply(track, m, d);
  }

 private:
  // How many things a track of this kind may drive.
  static mjtSize count(const mjModel& m, TrackTarget target) {
    if (target == TrackTarget::kControl) return m.nactuator;
    return target == TrackTarget::kEquality ? m.neq : m.nbody;
  }

  static double sample(Track& track, double time) {
    const std::size_t last = track.time.size() - 1;
    while (track.cursor < last && track.time[track.cursor + 1] <= time) ++track.cursor;
    const std::size_t i = track.cursor;
    if (i == last || time <= track.time[i]) return track.value[i];
    const double s = (time - track.time[i]) / (track.time[i + 1] - track.time[i]);
    return track.value[i] + s * (track.value[i + 1] - track.value[i]);
  }

  static void apply(Track& track, mjModel& m, mjData& d) {
    const double value = sample(track, d.time);
    switch (track.target) {
      case TrackTarget::kBodyMass:
        m.body_mass[track.id] = value;
        for (int k = 0; k < 3; ++k) {
          m.body_inertia[3 * track.id + k] =
              track.reference_inertia[k] * value / track.reference_mass;
        }
        break;
      case TrackTarget::kBodyForce:
        d.xfrc_applied[6 * track.id + track.component] = value;
        break;
      case TrackTarget::kMocapPosition:
        d.mocap_pos[3 * m.body_mocapid[track.id] + track.component] = value;
        break;
      case TrackTarget::kControl:
        d.ctrl[m.actuator_ctrladr[track.id]] = value;
        break;
      case TrackTarget::kEquality:
        d.eq_active[track.id] = value > 0.5;
        break;
    }
  }

  std::vector<Track> tracks_;
};

}  // namespace handloop
