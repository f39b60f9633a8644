#include "handloop/episode_batch.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <utility>

#include "handloop/mujoco_hand.hpp"
#include "support.hpp"

namespace handloop::testing::episode {
namespace {

// A pinch that closes on the box, with noisy sensors; the table sinks away.
struct Run {
  ModelPointer model;
  std::unique_ptr<Episode> episode;

  explicit Run(const mjModel& original, std::uint64_t seed = 1, int ticks = 300,
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

bool same_log(const Episode& a, const Episode& b) {
  const Recorder &x = a.recorder(), &y = b.recorder();
  return x.count() == y.count() && x.width() == y.width() &&
         std::memcmp(x.data(), y.data(),
                     sizeof(double) * static_cast<std::size_t>(x.count() * x.width())) == 0;
}

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

TEST_CASE("what a run had its data from is gone after it") {
  const ModelPointer model = pinch_model();
  Run single(*model);
  single.alone();
  CHECK_THROWS_AS(single.episode->plant().check_ready(), std::runtime_error);
  run_batch({single.episode.get()}, 1, BatchJob::kRun);
  CHECK_THROWS_AS(single.episode->plant().check_ready(), std::runtime_error);
}

TEST_CASE("an episode that is in use does not run") {
  const ModelPointer model = pinch_model();
  Run run(*model);
  {
    const Claim claim(run.episode->plant(), Claim::By::kCaller);
    CHECK_THROWS_AS(run_batch({run.episode.get()}, 1, BatchJob::kRun), std::runtime_error);
    CHECK_THROWS_AS(begin_batch({run.episode.get()}, 1), std::runtime_error);
  }
  CHECK_NOTHROW(run_batch({run.episode.get()}, 1, BatchJob::kRun));
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

TEST_CASE("a run in portions gives the bits of a run in one go") {
  const ModelPointer model = pinch_model();
  Run whole(*model);
  whole.alone();
  for (const int portion : {1, 7, 300, 1000}) {
    Run run(*model);
    begin_batch({run.episode.get()}, 1);
    CHECK(run.episode->recorder().count() == 0);
    while (run.episode->under_way()) advance_batch({run.episode.get()}, portion, 1);
    CHECK(same_log(*run.episode, *whole.episode));
    CHECK(run.episode->final_qpos() == whole.episode->final_qpos());
    advance_batch({run.episode.get()}, portion, 1);  // over: nothing happens
    CHECK(run.episode->recorder().count() == 300);
  }
}

TEST_CASE("portions of many, of several models, on any number of threads") {
  const ModelPointer model = pinch_model(), finer = pinch_model(0.0005);
  Run whole(*model, 1), fine(*finer, 2);
  whole.alone();
  fine.alone();
  for (const int threads : {1, 2, 3}) {
    Run a(*model, 1), b(*finer, 2), c(*model, 1, 40);
    const std::vector<Episode*> all = {a.episode.get(), b.episode.get(), c.episode.get()};
    begin_batch(all, threads);
    for (int i = 0; i < 15; ++i) advance_batch(all, 20, threads);
    CHECK(same_log(*a.episode, *whole.episode));
    CHECK(same_log(*b.episode, *fine.episode));
    CHECK(c.episode->recorder().count() == 40);
  }
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

TEST_CASE("a watch, a divergence and another run end one in portions") {
  const ModelPointer model = pinch_model();
  Run run(*model);
  Episode& episode = *run.episode;
  CHECK_THROWS_AS(advance_batch({&episode}, 1, 1), std::runtime_error);  // has not begun
  episode.stop_outside(run.column("time"), -1.0, 0.0995);
  begin_batch({&episode}, 1);
  advance_batch({&episode}, 1000, 1);
  CHECK(episode.recorder().count() == 101);
  CHECK_FALSE(episode.under_way());
  CHECK(episode.data()->time == doctest::Approx(0.101));  // to be looked at

  begin_batch({&episode}, 1);
  advance_batch({&episode}, 10, 1);
  episode.control();
  episode.sense(false);
  CHECK(episode.diverged());
  CHECK_FALSE(episode.under_way());

  begin_batch({&episode}, 1);
  CHECK_FALSE(episode.diverged());
  run.alone();
  CHECK_FALSE(episode.under_way());
  begin_batch({&episode}, 1);
  const DataPointer other(mj_makeData(run.model.get()));
  episode.plant().start(*other);
  CHECK_THROWS_WITH_AS(
      advance_batch({&episode}, 1, 1),
      "the plant of an episode was started on other data; begin() the episode anew",
      std::runtime_error);
}

TEST_CASE("an error inside MuJoCo ends the portions of its episode alone") {
  const ModelPointer model = pinch_model();
  Run good(*model), bad(*model), whole(*model);
  whole.alone();
  const std::vector<Episode*> both = {bad.episode.get(), good.episode.get()};
  begin_batch(both, 2);
  const int integrator = std::exchange(bad.model->opt.integrator, 99);
  CHECK_THROWS_AS(advance_batch(both, 300, 2), std::runtime_error);
  CHECK_FALSE(bad.episode->under_way());
  CHECK_THROWS_AS(bad.episode->plant().check_ready(), std::runtime_error);
  CHECK(same_log(*good.episode, *whole.episode));
  bad.model->opt.integrator = integrator;
  begin_batch(both, 2);
  advance_batch(both, 300, 2);
  CHECK(same_log(*bad.episode, *whole.episode));
}

TEST_CASE("a batch gives the bits of single runs at any number of threads") {
  const ModelPointer model = pinch_model();
  for (const int threads : {1, 2, 3}) {
    std::vector<Run> batch;
    std::vector<Episode*> episodes;
    for (std::uint64_t seed = 0; seed < 5; ++seed) batch.emplace_back(*model, seed, 150);
    for (Run& run : batch) episodes.push_back(run.episode.get());
    run_batch(episodes, threads, BatchJob::kRun);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      Run single(*model, seed, 150);
      single.alone();
      CHECK(same_log(*single.episode, *episodes[seed]));
    }
  }
}

TEST_CASE("a batch refuses episodes that do not go together") {
  const ModelPointer model = pinch_model(), other = pinch_model(0.0005);
  Run run(*model);
  Episode* episode = run.episode.get();
  CHECK_NOTHROW(run_batch({}, 1, BatchJob::kRun));
  CHECK_NOTHROW(advance_batch({}, 1, 1));
  CHECK_THROWS_AS(begin_batch({episode, episode}, 1), std::invalid_argument);
  CHECK_THROWS_AS(run_batch({episode, episode}, 1, BatchJob::kRun), std::invalid_argument);
  CHECK_THROWS_AS(episode->set_initial_qpos({1.0}), std::invalid_argument);
}

TEST_CASE("two episodes of a batch do not share a model") {
  const ModelPointer model = pinch_model();
  Run run(*model);
  const SimPlantIds ids = pinch_ids(*run.model);
  const HandModel hand = read_hand(*run.model, {ids.joint, ids.tip});
  Episode second(*run.model, ids, {}, hand, config_for(hand), {}, 10);
  for (const BatchJob job : {BatchJob::kRun, BatchJob::kReplay}) {
    CHECK_THROWS_WITH_AS(run_batch({run.episode.get(), &second}, 2, job),
                         "two episodes of the batch share one model; make each with a copy of it, "
                         "copy.copy(model)",
                         std::invalid_argument);
  }
}

}  // namespace
}  // namespace handloop::testing::episode
