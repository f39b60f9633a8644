#include "handloop/episode.hpp"

#include <doctest/doctest.h>

#include "episode_run.hpp"

namespace handloop::testing::episode {
namespace {

using Run = EpisodeRun;

TEST_CASE("an episode runs to its end, closed loop, and again to the bit") {
  const ModelPointer model = pinch_model();
  Run run(*model), other(*model), another(*model, 2);
  run.alone();
  other.alone();
  another.alone();
  CHECK(run.episode->recorder().count() == 300);
  CHECK_FALSE(run.episode->diverged());
  CHECK(run.episode->controller().task().holding());
  CHECK(same_log(*run.episode, *other.episode));
  CHECK_FALSE(same_log(*run.episode, *another.episode));
  run.alone();
  CHECK(same_log(*run.episode, *other.episode));
}

TEST_CASE("neither a fading task nor a warm motor is carried into the next run") {
  const ModelPointer model = pinch_model();
  ControllerConfig config = config_for(pinch_hand());
  config.motors.count = 2;
  for (Motor& m : config.motors.motor) {
    m.resistance = 1.0;
    m.thermal.winding_resistance = m.thermal.housing_resistance = 2.0;
    m.thermal.winding_capacity = 0.01;
    m.thermal.winding_max = 30.0;  // so little that it binds
  }
  Run run(*model, 1, 300, config);
  TaskPlan plan;
  plan.add({.time = 0.0, .kind = TaskKind::kFingertips});
  plan.add({.time = 0.2, .kind = TaskKind::kPosture});
  run.episode->controller().set_plan(plan);
  run.alone();
  const Recorder& log = run.episode->recorder();
  const std::vector<double> first(log.data(), log.data() + log.count() * log.width());
  CHECK(run.episode->controller().motors().winding(0) > 25.02);
  run.alone();
  CHECK(first == std::vector<double>(log.data(), log.data() + log.count() * log.width()));
}

TEST_CASE("a replay takes the same steps") {
  const ModelPointer model = pinch_model();
  Run run(*model);
  run.alone();
  const std::vector<double> there = run.episode->final_qpos();
  const DataPointer data(mj_makeData(run.model.get()));
  run.episode->replay(*data);
  CHECK(run.episode->final_qpos() == there);
}

TEST_CASE("a run hands out the samples that its controller was given") {
  const ModelPointer model = pinch_model();
  Run run(*model);
  const DataPointer data(mj_makeData(run.model.get()));
  std::vector<HandState> samples;
  run.episode->run(*data, &samples);
  const Recorder& recorder = run.episode->recorder();
  REQUIRE(samples.size() == static_cast<std::size_t>(recorder.count()));
  CHECK(samples.back().q[1] == recorder.last()[run.column("q") + 1]);
  CHECK(samples.back().time == doctest::Approx(recorder.last()[0] - 2.0 * kPeriod));  // late
}

TEST_CASE("a watch ends a run after the tick in which its column leaves the range") {
  const ModelPointer model = pinch_model();
  Run run(*model);
  run.episode->stop_outside(run.column("time"), -1.0, 0.0995);
  run.alone();
  CHECK(run.episode->recorder().count() == 101);
  CHECK_THROWS_AS(run.episode->stop_outside(-1, 0.0, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(run.episode->stop_outside(run.episode->recorder().width(), 0.0, 1.0),
                  std::invalid_argument);
}

TEST_CASE("a run whose physics is elsewhere gives the same bits") {
  const ModelPointer model = pinch_model();
  Run whole(*model), run(*model);
  whole.alone();
  const DataPointer data(mj_makeData(run.model.get()));
  run.episode->begin(*data);
  while (run.episode->under_way()) {
    run.episode->control();
    run.episode->plant().prepare_step();
    mj_step(run.model.get(), data.get());
    run.episode->sense(true);
  }
  CHECK(same_log(*run.episode, *whole.episode));
}

}  // namespace
}  // namespace handloop::testing::episode
