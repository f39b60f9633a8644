#include "handloop/recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "support.hpp"

namespace handloop::testing::recorder {
namespace {

TEST_CASE("a recorder keeps one row per tick, by name, as far as its memory goes") {
  const ModelPointer model = pinch_model();
  const int sensor = id_of(*model, mjOBJ_SENSOR, "finger_contact");
  Controller controller(pinch_hand(), config_for(pinch_hand()));
  Recorder recorder(*model, controller, {sensor}, 3);
  std::vector<double> truth(static_cast<std::size_t>(model->nsensordata));
  for (std::size_t i = 0; i < truth.size(); ++i) truth[i] = static_cast<double>(i);

  HandState state = still(2, 0.0);
  for (int i = 0; i < 5; ++i) {
    state.time = kPeriod * i;
    state.q = joints({0.01 * i, -0.01});
    recorder.record(state, controller.tick(state, state.time), controller, truth.data());
    REQUIRE(recorder.count() == std::min(i + 1, 3));
  }

  const auto column = [&](const std::string& name) {
    const auto& all = recorder.channels();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Channel& c) { return c.name == name; });
    REQUIRE(found != all.end());
    return recorder.last() + found->begin;
  };
  CHECK(column("time")[0] == 0.002);
  CHECK(column("safety")[0] == 0.0);
  CHECK(column("grip_level")[0] == controller.grip().level());
  CHECK(column("q")[0] == 0.02);
  CHECK(column("q")[1] == -0.01);
  CHECK(column("gripping")[1] == 0.0);
  CHECK(column("finger_contact")[0] == model->sensor_adr[sensor]);
  CHECK(recorder.channels().back().begin + recorder.channels().back().width == recorder.width());
  ActuatorVector effort;
  recorder.effort(2, effort);
  CHECK(effort.size() == 2);
  CHECK(effort[0] == column("effort")[0]);

  recorder.clear();
  CHECK(recorder.count() == 0);
}

TEST_CASE("a recorder refuses sensors that the model lacks") {
  const ModelPointer model = pinch_model();
  const Controller controller(pinch_hand(), config_for(pinch_hand()));
  CHECK_THROWS_AS(Recorder(*model, controller, {99}, 1), std::invalid_argument);
  CHECK_THROWS_AS(Recorder(*model, controller, {-1}, 1), std::invalid_argument);
}

}  // namespace
}  // namespace handloop::testing::recorder
