// A closed-loop run for tests of episodes.
#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <memory>

#include "handloop/episode.hpp"
#include "handloop/mujoco_hand.hpp"
#include "support.hpp"

namespace handloop::testing {

// A pinch that closes on the box, with noisy sensors; the table sinks away.
struct EpisodeRun {
  ModelPointer model;
  std::unique_ptr<Episode> episode;

  explicit EpisodeRun(const mjModel& original, std::uint64_t seed = 1, int ticks = 300,
                      const ControllerConfig& config = config_for(pinch_hand()))
      : model(mj_copyModel(nullptr, &original)) {
    const SimPlantIds ids = pinch_ids(*model);
    const HandModel hand = read_hand(*model, {ids.joint, ids.tip});
    SensorModel sensors;
    sensors.seed = seed;
    sensors.delay = 2;
    sensors.position_noise = 1e-4;
    sensors.force_noise = 0.02;
    episode = std::make_unique<Episode>(*model, ids, sensors, hand, config,
                                        std::vector<int>{ids.contact[0]}, ticks);
    JointTrajectory close;
    close.add(0.0, joints({0.0, 0.0}));
    close.add(0.1, joints({0.02, 0.02}));
    episode->controller().set_trajectory(close);
    Track sink;
    sink.target = TrackTarget::kMocapPosition;
    sink.id = id_of(*model, mjOBJ_BODY, "table");
    sink.component = 2;
    sink.time = {0.2, 0.3};
    sink.value = {-0.04, -0.2};
    episode->plant().add(sink);
  }
  void alone() {
    const DataPointer data(mj_makeData(model.get()));
    episode->run(*data);
  }
  int column(const std::string& name) const {
    for (const Channel& c : episode->recorder().channels()) {
      if (c.name == name) return c.begin;
    }
    FAIL("no channel " << name);
    return -1;
  }
};

inline bool same_log(const Episode& a, const Episode& b) {
  const Recorder &x = a.recorder(), &y = b.recorder();
  return x.count() == y.count() && x.width() == y.width() &&
         std::memcmp(x.data(), y.data(),
                     sizeof(double) * static_cast<std::size_t>(x.count() * x.width())) == 0;
}

}  // namespace handloop::testing
