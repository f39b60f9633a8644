#include "handloop/episode_batch.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "episode_run.hpp"

namespace handloop::testing::episode_batch {
namespace {

using Run = EpisodeRun;

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
}  // namespace handloop::testing::episode_batch
